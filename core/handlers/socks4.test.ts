import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { userTable } from '../auth.ts';
import { ERRORS, type ErrorCode } from '../contract/errors.ts';
import { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import { everySplit, writePieces } from '../testing/chunks.ts';
import { open, take } from '../testing/client.ts';
import { hex } from '../testing/decoding.ts';
import { tcpEcho, tcpPeer, type TcpPeer } from '../testing/echo.ts';
import { directRouter, front, routerOver, type Front } from '../testing/front.ts';
import { gone, rest } from '../testing/stream.ts';
import { encodeRequest4 } from '../socks/v4.ts';
import { serveSocks4, type Socks4Parts } from './socks4.ts';

const REFUSED_BY = (code: number): Buffer => Buffer.concat([Buffer.of(0, code), Buffer.alloc(6)]);

function serving(settings: Partial<Socks4Parts> = {}, deadlineMs = 15_000): Promise<Front> {
  const options = { bind: false, identd: false };
  const parts = { router: directRouter(), auth: null, options, ...settings };
  return front({ handle: (conn, session) => serveSocks4(conn, session, parts, deadlineMs) });
}

describe('SOCKS4 CONNECT', () => {
  let echo: TcpPeer;
  let proxy: Front;
  before(async () => {
    echo = await tcpEcho();
    proxy = await serving();
  });
  after(async () => {
    await proxy.close();
    await echo.close();
  });

  for (const [protocol, host] of [
    ['socks4', '127.0.0.1'],
    ['socks4a', 'localhost'],
  ] as const) {
    test(`answers ${protocol} in every split and loses no byte behind the request`, async () => {
      const target: Address = { host, port: echo.address.port };
      for (const pieces of everySplit(
        Buffer.concat([encodeRequest4(1, target, 'fred'), Buffer.from('early')]),
      )) {
        const reporting = proxy.next();
        const socket = await open(proxy.address);
        await writePieces(socket, pieces);
        const reply = await take(socket, 8);
        assert.deepEqual([reply[0], reply[1], [...reply.subarray(4)]], [0, 0x5a, [127, 0, 0, 1]]);
        assert.equal((await take(socket, 5)).toString(), 'early');
        socket.end();
        await rest(socket);
        const report = await reporting;
        assert.equal(await report.ended, null);
        assert.deepEqual(report.requests, [{ protocol, command: 'connect', target, user: null }]);
      }
    });
  }

  const REFUSED: readonly (readonly [what: string, request: Buffer, code: ErrorCode])[] = [
    ['an unknown command', hex('04 09 0050 7f000001 00'), 'command'],
    ['BIND where it is off', hex('04 02 0050 7f000001 00'), 'command'],
    ['port 0', hex('04 01 0000 7f000001 00'), 'bad_port'],
    ['an empty name', hex('04 01 0050 00000001 00 00'), 'bad_name'],
    ['a name that is none', hex('04 01 0050 00000001 00 61206200'), 'bad_name'],
    [
      'a user id of 256 bytes',
      Buffer.concat([hex('04 01 0050 7f000001'), Buffer.alloc(256, 0x61), hex('00')]),
      'malformed',
    ],
  ];
  for (const [what, request, code] of REFUSED) {
    test(`answers 5B to ${what}, then closes`, async () => {
      const reporting = proxy.next();
      const socket = await open(proxy.address);
      socket.end(Buffer.concat([request, Buffer.alloc(70_000)]));
      assert.deepEqual(await rest(socket), { bytes: REFUSED_BY(0x5b), broken: false });
      assert.equal((await (await reporting).ended)?.code, code);
    });
  }

  test('answers what the table says for every error of the router', async () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const { socks4 } = ERRORS[code];
      if (socks4 === null) continue;
      const failing = await serving({
        router: routerOver({ connect: () => Promise.reject(new ProxyError(code)) }),
      });
      const socket = await open(failing.address);
      socket.end(encodeRequest4(1, echo.address, ''));
      assert.deepEqual((await rest(socket)).bytes, REFUSED_BY(socks4), code);
      await failing.close();
    }
  });

  test('closes without a word on another protocol, and on a client that is too slow', async () => {
    const hasty = await serving({}, 60);
    for (const [bytes, code] of [
      [hex('05 01 00'), 'version'],
      [hex('04 01'), 'handshake_timeout'],
    ] as const) {
      const reporting = hasty.next();
      const socket = await open(hasty.address);
      socket.write(bytes);
      assert.equal((await rest(socket)).bytes.length, 0);
      assert.equal((await (await reporting).ended)?.code, code);
      socket.destroy();
    }
    await hasty.close();
  });

  test('with users, lets a user id in only where no password belongs to it (promise 10)', async () => {
    const auth = userTable([
      { username: 'guest', password: '' },
      { username: 'fred', password: 'secret' },
    ]);
    const locked = await serving({ auth });
    for (const [userId, code] of [
      ['guest', 0x5a],
      ['fred', 0x5d],
      ['', 0x5d],
      ['eve', 0x5d],
    ] as const) {
      const reporting = locked.next();
      const socket = await open(locked.address);
      socket.end(encodeRequest4(1, echo.address, userId));
      assert.equal((await take(socket, 8))[1], code);
      await gone(socket);
      assert.equal((await reporting).requests[0]?.user, code === 0x5a ? 'guest' : undefined);
    }
    await locked.close();
  });

  test('with identd, asks the client and refuses with 5C or 5D what it does not confirm', async () => {
    let says = (question: string): string => question;
    const identd = await tcpPeer((socket) =>
      socket.once('data', (data: Buffer) => socket.end(says(data.toString().trim()))),
    );
    const checking = await serving({
      options: { bind: false, identd: true },
      identPort: identd.address.port,
    });
    for (const [answer, code] of [
      [(question: string) => `${question} : USERID : UNIX : fred\r\n`, 0x5a],
      [(question: string) => `${question} : USERID : UNIX : eve\r\n`, 0x5d],
      [(question: string) => `${question} : ERROR : NO-USER\r\n`, 0x5d],
      [() => '', 0x5c],
    ] as const) {
      says = answer;
      const socket = await open(checking.address);
      socket.end(encodeRequest4(1, echo.address, 'fred'));
      assert.equal((await take(socket, 8))[1], code);
      await gone(socket);
    }
    await identd.close();
    const nobody = await open(checking.address);
    nobody.end(encodeRequest4(1, echo.address, 'fred'));
    assert.deepEqual((await rest(nobody)).bytes, REFUSED_BY(0x5c));
    await checking.close();
  });
});
