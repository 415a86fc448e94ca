import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { userTable } from '../auth.ts';
import { silentLog } from '../log.ts';
import type { HandlerDeps } from '../registry.ts';
import type { Authenticator } from '../roles.ts';
import { everySplit, writePieces } from '../testing/chunks.ts';
import { field, open, take } from '../testing/client.ts';
import { hex } from '../testing/decoding.ts';
import { tcpEcho, type TcpPeer } from '../testing/echo.ts';
import { directRouter, front, type Front } from '../testing/front.ts';
import { rest } from '../testing/stream.ts';
import { encodeRequest4 } from '../socks/v4.ts';
import { autoHandler } from './auto.ts';

function serving(auth: Authenticator | null, readTimeout = 15_000): Promise<Front> {
  const deps: HandlerDeps = {
    name: 'test',
    router: directRouter(),
    auth,
    tls: null,
    forwarder: null,
    state: null,
    log: silentLog,
  };
  return front(autoHandler.create(autoHandler.options.parse({ readTimeout }), deps));
}

describe('auto', () => {
  let echo: TcpPeer;
  let proxy: Front;
  before(async () => {
    echo = await tcpEcho();
    proxy = await serving(null);
  });
  after(async () => {
    await proxy.close();
    await echo.close();
  });

  const PROTOCOLS: readonly (readonly [protocol: string, request: () => Buffer, answer: number])[] = [
    ['socks5', () => Buffer.concat([hex('05 01 00 05 01 00'), field(echo.address)]), 12],
    ['socks4', () => encodeRequest4(1, echo.address, ''), 8],
    ['socks4a', () => encodeRequest4(1, { ...echo.address, host: 'localhost' }, ''), 8],
    ['http', () => Buffer.from(`CONNECT 127.0.0.1:${echo.address.port} HTTP/1.1\r\nHost: x\r\n\r\n`), 39],
  ];
  for (const [protocol, request, length] of PROTOCOLS) {
    test(`serves ${protocol} in every split`, async () => {
      for (const pieces of everySplit(Buffer.concat([request(), Buffer.from('early')]))) {
        const reporting = proxy.next();
        const socket = await open(proxy.address);
        await writePieces(socket, pieces);
        await take(socket, length);
        assert.equal((await take(socket, 5)).toString(), 'early');
        socket.end();
        await rest(socket);
        const report = await reporting;
        assert.equal(await report.ended, null);
        assert.equal(report.requests[0]?.protocol, protocol);
      }
    });
  }

  test('closes everything else without a word', async () => {
    for (const bytes of [hex('16 0301 0200'), hex('00'), hex('06'), Buffer.from('\r\n'), hex('80')]) {
      const reporting = proxy.next();
      const socket = await open(proxy.address);
      socket.write(bytes);
      assert.equal((await rest(socket)).bytes.length, 0);
      assert.equal((await (await reporting).ended)?.code, 'version');
      socket.destroy();
    }
  });

  test('asks for the same password in every protocol', async () => {
    const locked = await serving(userTable([{ username: 'user', password: 'pass' }]));
    for (const [request, refusal] of [
      [hex('05 01 00'), /^\x05\xff$/],
      [encodeRequest4(1, echo.address, 'user'), /^\x00\x5d\x00{6}$/],
      [Buffer.from('CONNECT a:80 HTTP/1.1\r\n\r\n'), /^HTTP\/1.1 407 /],
      [Buffer.from('GET http://a/ HTTP/1.1\r\n\r\n'), /^HTTP\/1.1 407 /],
    ] as const) {
      const socket = await open(locked.address);
      socket.end(request);
      assert.match((await rest(socket)).bytes.toString('latin1'), refusal);
    }
    await locked.close();
  });

  test('gives silence and slowness one deadline', async () => {
    const hasty = await serving(null, 80);
    for (const bytes of ['', '05 01', '04']) {
      const reporting = hasty.next();
      const socket = await open(hasty.address);
      socket.write(hex(bytes));
      assert.equal((await rest(socket)).bytes.length, 0);
      assert.equal((await (await reporting).ended)?.code, 'handshake_timeout');
      socket.destroy();
    }
    await hasty.close();
  });
});
