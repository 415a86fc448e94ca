import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ProxyError } from './errors.ts';
import { askIdentd, type Ownership } from './identd.ts';

const forever = new AbortController().signal;

describe('askIdentd', () => {
  let server: Server;
  let answer: (question: string, socket: Socket) => void = () => undefined;
  let about: Required<Ownership>;

  before(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => answer(data.toString('latin1'), socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    about = {
      client: { host: '127.0.0.1', port: 40_001 },
      local: { host: '127.0.0.1', port: 1080 },
      identPort: portOf(server),
    };
  });
  after(() => server.close());

  test('asks about the client port and our port and returns the user id', async () => {
    let asked = '';
    answer = (question, socket) => {
      asked = question;
      socket.end('40001, 1080 : USERID : UNIX : fred\r\n');
    };
    assert.equal((await askIdentd(about, forever)).toString(), 'fred');
    assert.equal(asked, '40001 , 1080\r\n');
  });

  const ANSWERS: readonly (readonly [line: string, result: string])[] = [
    ['40001,1080:USERID:OTHER,US-ASCII:a:b\r\n', 'a:b'],
    ['40001 , 1080 : userid : unix :fred\n', 'fred'],
    ['40001, 1080 : ERROR : NO-USER\r\n', 'identd_mismatch'],
    ['40002, 1080 : USERID : UNIX : fred\r\n', 'identd_mismatch'],
    ['40001, 1081 : USERID : UNIX : fred\r\n', 'identd_mismatch'],
    ['HTTP/1.1 400 Bad Request\r\n', 'identd_mismatch'],
    ['40001, 1080 : USERID : UNIX : fred', 'identd_unreachable'],
    [`40001, 1080 : USERID : UNIX : ${'x'.repeat(2000)}\r\n`, 'identd_unreachable'],
    ['', 'identd_unreachable'],
  ];
  for (const [line, result] of ANSWERS) {
    test(`makes ${result} of ${JSON.stringify(line.slice(0, 50))}`, async () => {
      answer = (_, socket) => socket.end(line, 'latin1');
      const outcome = await askIdentd(about, forever).then(String, (error: unknown) => codeOf(error));
      assert.equal(outcome, result);
    });
  }

  test('says so when nobody listens', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const identPort = portOf(gone);
    gone.close();
    await once(gone, 'close');
    const outcome = await askIdentd({ ...about, identPort }, forever).catch(codeOf);
    assert.equal(outcome, 'identd_unreachable');
  });

  test('ends with the reason of the signal and closes its socket', async () => {
    const closing = new AbortController();
    const closed = new Promise((resolve) => {
      answer = (_, socket) => {
        socket.once('close', resolve);
        closing.abort(new ProxyError('stopping'));
      };
    });
    assert.equal(await askIdentd(about, closing.signal).catch(codeOf), 'stopping');
    await closed;
  });

  test('waits 5 s and no longer', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    answer = () => context.mock.timers.tick(5_000);
    assert.equal(await askIdentd(about, forever).catch(codeOf), 'identd_unreachable');
  });

  test('needs no more than the two addresses of a real connection', async () => {
    answer = (question, socket) => socket.end(`${question.trim()} : USERID : UNIX : me\r\n`);
    const client = connect({ port: portOf(server), host: '127.0.0.1' });
    const [[accepted]] = await Promise.all([
      once(server, 'connection') as Promise<[Socket]>,
      once(client, 'connect'),
    ]);
    const ownership = {
      client: { host: accepted.remoteAddress ?? '', port: accepted.remotePort ?? 0 },
      local: { host: accepted.localAddress ?? '', port: accepted.localPort ?? 0 },
      identPort: about.identPort,
    };
    client.destroy();
    assert.equal((await askIdentd(ownership, forever)).toString(), 'me');
  });
});

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function codeOf(error: unknown): string {
  return error instanceof ProxyError ? error.code : String(error);
}
