import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ServiceState } from '../contract/api.ts';
import type { ProcessOwner } from '../contract/stats.ts';
import type { Address } from '../net/conn.ts';
import { tcpPeer } from '../testing/echo.ts';
import { ownerLookup } from './owner-lookup.ts';
import type { ClientSocket } from './owner-tables.ts';
import { Owners, type Ownable } from './owners.ts';

const LINUX = { skip: process.platform !== 'linux' && 'needs /proc' };

test('names the program at the other end of real sockets, TCP and UDP', LINUX, async () => {
  const accepted: Address[] = [];
  const server = await tcpPeer(
    (socket) => void accepted.push({ host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }),
  );
  const { port } = server.address;
  const script = `const s=require('node:net').connect(${port},'127.0.0.1');const u=require('node:dgram').createSocket('udp4');
    u.bind(0,()=>s.write('x',()=>console.log(u.address().port)));process.stdin.on('end',()=>process.exit()).resume()`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const own = createSocket('udp4').bind(0, '127.0.0.1');
  await once(own, 'listening');
  const [client = { host: '', port: 0 }] = accepted;
  const find = ownerLookup();
  const ask: ClientSocket[] = [
    { client, udp: false, port },
    { client: { host: '127.0.0.1', port: Number(line.toString()) }, udp: true, port: 0 },
    { client: { host: '127.0.0.1', port: own.address().port }, udp: true, port: 0 },
    { client: { host: '127.0.0.1', port: 1 }, udp: false, port },
  ];
  const pids = (found: readonly (ProcessOwner | null)[]): (number | null)[] =>
    found.map((owner) => owner?.pid ?? null);
  const expected = [child.pid, child.pid, process.pid, null];
  const first = await find(ask);
  assert.deepEqual(pids(first), expected);
  assert.match(first[0]?.name ?? '', /^node/);
  // the second time from the memory of programs
  assert.deepEqual(pids(await find(ask)), expected);
  child.stdin.end();
  await once(child, 'exit');
  own.close();
  await server.close();
});

function service(name: string, port: number, listener = 'tcp'): ServiceState {
  return {
    name,
    state: 'up',
    address: `127.0.0.1:${port}`,
    bound: [{ host: '127.0.0.1', port }],
    handler: 'socks5',
    listener,
    chain: null,
    auth: false,
    udp: true,
    exposed: false,
    error: null,
  };
}

class One implements Ownable {
  program: ProcessOwner | null | undefined = undefined;
  readonly #about: { service: string; client: Address; udp: boolean };

  constructor(about: { service: string; client: Address; udp: boolean }) {
    this.#about = about;
  }

  ownerless(): { service: string; client: Address; udp: boolean } | null {
    return this.program === undefined ? this.#about : null;
  }

  own(program: ProcessOwner | null): void {
    this.program = program;
  }
}

test('looks up all clients of this computer together, the others never, and each once', async () => {
  const near = new One({ service: 'a', client: { host: '127.0.0.1', port: 1000 }, udp: false });
  const far = new One({ service: 'a', client: { host: '203.0.113.9', port: 1000 }, udp: false });
  const remotePort = new One({ service: 'r', client: { host: '127.0.0.1', port: 1000 }, udp: false });
  const all = [near, far, remotePort];
  const asked: (readonly ClientSocket[])[] = [];
  let answer: (owners: (ProcessOwner | null)[]) => void = () => undefined;
  const owners = new Owners({
    find: (sockets) => {
      asked.push(sockets);
      return new Promise((resolve) => (answer = resolve));
    },
    pending: () => all.filter((one) => one.ownerless() !== null),
    services: () => [service('a', 1080), service('r', 2000, 'rtcp')],
  });
  const round = owners.look();
  // a second look while the first is under way asks nothing
  assert.equal(owners.look(), round);
  answer([{ pid: 7, name: 'curl' }]);
  await round;
  await owners.look();
  assert.deepEqual(
    asked.map((sockets) => sockets.map(({ client, port }) => [client.port, port])),
    [[[1000, 1080]]],
  );
  assert.deepEqual(
    all.map(({ program }) => program),
    [{ pid: 7, name: 'curl' }, null, null],
  );
  await owners.stop();
});
