/**
 * Promises under abuse, measured on the real program in a process of its own: after each fault new clients are served at
 * once, sockets are back at the baseline within two seconds and memory has stayed bounded (promises.md, figures).
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from '../../net/conn.ts';
import { associateThrough, ask, connectThrough, field, open, take } from '../client.ts';
import { measurable, startProduct, type Product } from '../product.ts';

const MiB = 1024 * 1024;
const skip = measurable ? false : 'needs /proc to measure another process';

describe('faults', { skip }, () => {
  let product: Product;
  let echo: Server;
  let echoAt: Address;
  let baseline = 0;

  before(async () => {
    echo = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.pipe(socket);
    });
    echoAt = await listen(echo);
    product = await startProduct(['-L', 'socks5://127.0.0.1:0?udp=true&bind=true']);
    await roundTrip(proxy(), echoAt);
    baseline = await settled(product, Number.POSITIVE_INFINITY);
  });
  after(async () => {
    assert.equal(await product.stop(), 0, 'SIGTERM ends the program properly');
    echo.close();
  });
  const proxy = (): Address => first(product);

  test('5,000 silent clients do not keep others waiting', { timeout: 60_000 }, async () => {
    const silent = await Promise.all(Array.from({ length: 5000 }, () => open(proxy())));
    const worst = await slowest(20, () => roundTrip(proxy(), echoAt));
    for (const socket of silent) socket.destroy();
    assert.ok(worst < 500, `the slowest of 20 good clients took ${worst.toFixed(0)} ms`);
    assert.ok(product.memory() < 400 * MiB, `memory is ${product.memory() / MiB} MiB`);
    await settled(product, baseline + 8);
  });

  test(
    'a target that never reads holds back its own client and nobody else',
    { timeout: 30_000 },
    async () => {
      const deaf = createServer({ pauseOnConnect: true });
      const held: Socket[] = [];
      deaf.on('connection', (socket: Socket) => held.push(socket.on('error', () => undefined)));
      const client = await connectThrough(proxy(), await listen(deaf));
      client.on('error', () => undefined);
      const before = product.memory();
      const chunk = Buffer.alloc(MiB);
      let accepted = 0;
      while (accepted < 256 && client.write(chunk)) accepted += 1;
      for (let stalled = false; !stalled && accepted < 256;) {
        stalled = !(await Promise.race([once(client, 'drain').then(() => true), pause(700, false)]));
        while (!stalled && accepted < 256 && client.write(chunk)) accepted += 1;
      }
      assert.ok(accepted < 64, `${accepted} MiB were taken from the client although the target read nothing`);
      assert.ok(product.memory() - before < 64 * MiB, 'what waits is bounded');
      await roundTrip(proxy(), echoAt);
      client.destroy();
      for (const socket of held) socket.destroy();
      deaf.close();
      await settled(product, baseline + 8);
    },
  );

  test('a client that aborts during the dial leaves nothing behind', { timeout: 30_000 }, async () => {
    const hole = await blackHole();
    const dials = await Promise.all(Array.from({ length: 50 }, () => open(proxy())));
    for (const socket of dials) {
      socket.on('error', () => undefined);
      socket.write(Buffer.concat([Buffer.from([5, 1, 0, 5, 1, 0]), field(hole.address)]));
    }
    await Promise.all(dials.map((socket) => take(socket, 2)));
    await roundTrip(proxy(), echoAt);
    assert.ok(product.sockets() > baseline + 80, 'the dials are under way');
    for (const socket of dials) socket.resetAndDestroy();
    await settled(product, baseline + 8);
    hole.close();
  });

  test(
    'datagrams from strangers are dropped, before and after the client spoke',
    { timeout: 20_000 },
    async () => {
      const server = createSocket('udp4');
      server.on('message', (data, from) => server.send(data, from.port, from.address));
      server.bind(0, '127.0.0.1');
      await once(server, 'listening');
      const target = { host: '127.0.0.1', port: server.address().port };
      const association = await associateThrough(proxy());
      const stranger = createSocket('udp4');
      stranger.bind(0, '127.0.0.2');
      await once(stranger, 'listening');
      let heard = 0;
      stranger.on('message', () => (heard += 1));
      const forged = Buffer.concat([
        Buffer.from([0, 0, 0, 1, 127, 0, 0, 1, target.port >> 8, target.port & 255]),
        Buffer.from('forged'),
      ]);
      stranger.send(forged, association.relay.port, association.relay.host);
      association.send(Buffer.from('mine'), target);
      assert.equal((await association.next()).toString(), 'mine');
      stranger.send(forged, association.relay.port, association.relay.host);
      association.send(Buffer.from('again'), target);
      assert.equal((await association.next()).toString(), 'again');
      assert.equal(heard, 0, 'a stranger got an answer');
      stranger.close();
      association.close();
      server.close();
      await settled(product, baseline + 8);
    },
  );

  test('an association ends with its control connection', { timeout: 20_000 }, async () => {
    const association = await associateThrough(proxy());
    const during = product.sockets();
    assert.ok(during > baseline);
    association.close();
    await settled(product, baseline, 1500);
  });
});

describe('faults with a chain', { skip }, () => {
  test(
    'a hop killed in mid transfer ends the client at once and never goes around',
    { timeout: 30_000 },
    async () => {
      let direct = 0;
      const source = createServer((socket) => {
        direct += 1;
        socket.on('error', () => undefined);
        const more = (): void => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536))) continue;
        };
        socket.on('drain', more);
        more();
      });
      const target = await listen(source);
      const hop = await startProduct(['-L', 'socks5://127.0.0.1:0']);
      const { host, port } = first(hop);
      const product = await startProduct([
        '-L',
        'socks5://127.0.0.1:0',
        '-F',
        `socks5://${host}:${port}?notls=true`,
      ]);
      const client = await connectThrough(first(product), target);
      client.on('error', () => undefined);
      await once(client, 'data');
      // a killed program's sockets end with FIN or, with bytes unread, with RST
      const ended = new Promise<void>((resolve) =>
        client.once('close', () => resolve()).once('end', () => resolve()),
      );
      client.resume();
      process.kill(hop.pid, 'SIGKILL');
      await ended;
      const seen = direct;
      const again = await open(first(product));
      const { rep } = await ask(again, 1, target);
      assert.notEqual(rep, 0, 'a dead chain must refuse');
      assert.equal(direct, seen, 'the target was reached around the dead chain');
      again.destroy();
      assert.equal(await product.stop(), 0);
      source.close();
    },
  );
});

describe('descriptor limit', { skip }, () => {
  test(
    'at 1,024 descriptors running tunnels live on and new clients are served once the flood has gone',
    { timeout: 60_000 },
    async () => {
      const echo = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.pipe(socket);
      });
      const target = await listen(echo);
      const product = await startProduct(['-L', 'socks5://127.0.0.1:0'], { descriptors: 1024 });
      const tunnel = await connectThrough(first(product), target);
      const flood = await Promise.all(
        Array.from({ length: 2000 }, () => open(first(product)).catch(() => null)),
      );
      for (const socket of flood) socket?.on('error', () => undefined);
      tunnel.write('alive');
      assert.equal((await take(tunnel, 5)).toString(), 'alive');
      for (const socket of flood) socket?.destroy();
      const started = performance.now();
      for (let served = false; !served;) {
        served = await roundTrip(first(product), target).then(
          () => true,
          () => false,
        );
        assert.ok(performance.now() - started < 2000, 'no new client was served within 2 s after the flood');
      }
      tunnel.destroy();
      assert.equal(await product.stop(), 0);
      echo.close();
    },
  );
});

describe('silent resolver', { skip }, () => {
  test(
    'a resolver that never answers delays only the names it was asked for',
    { timeout: 40_000 },
    async () => {
      const mute = createSocket('udp4');
      mute.bind(0, '127.0.0.1');
      await once(mute, 'listening');
      const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
      const target = await listen(echo);
      const product = await startProduct([
        '-L',
        `socks5://127.0.0.1:0?resolver=udp://127.0.0.1:${mute.address().port}`,
      ]);
      const stuck = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const socket = await open(first(product));
          socket.on('error', () => undefined);
          return { socket, reply: ask(socket, 1, { host: `name-${index}.example`, port: 80 }) };
        }),
      );
      const worst = await slowest(20, () => roundTrip(first(product), target));
      assert.ok(worst < 500, `a client with a literal address waited ${worst.toFixed(0)} ms`);
      const replies = await Promise.all(stuck.map(({ reply }) => reply));
      assert.ok(
        replies.every(({ rep }) => rep === 4 || rep === 6),
        `replies were ${[...new Set(replies.map(({ rep }) => rep))].join()}`,
      );
      for (const { socket } of stuck) socket.destroy();
      assert.equal(await product.stop(), 0);
      echo.close();
      mute.close();
    },
  );
});

/** An address that answers no connection attempt: its owner is stopped and its backlog full. */
async function blackHole(): Promise<{ address: Address; close(): void }> {
  const script =
    "const s=require('net').createServer();s.listen({port:0,host:'127.0.0.1',backlog:1},()=>console.log(s.address().port))";
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer]; // node:events types no arguments
  const address = { host: '127.0.0.1', port: Number(String(line)) };
  child.kill('SIGSTOP');
  const fill = Array.from({ length: 4 }, () => connect(address).on('error', () => undefined));
  return {
    address,
    close: () => {
      for (const socket of fill) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}

async function listen(server: Server): Promise<Address> {
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const at = server.address() as AddressInfo; // a TCP server that listens has an AddressInfo
  return { host: at.address, port: at.port };
}

function first(product: Product): Address {
  const address = product.addresses[0];
  assert.ok(address !== undefined);
  return address;
}

/** One connection through the proxy to an echo target and back; milliseconds. */
async function roundTrip(proxy: Address, target: Address): Promise<number> {
  const started = performance.now();
  const socket = await connectThrough(proxy, target);
  socket.on('error', () => undefined);
  socket.write('ping');
  assert.equal((await take(socket, 4)).toString(), 'ping');
  socket.destroy();
  return performance.now() - started;
}

async function slowest(count: number, run: () => Promise<number>): Promise<number> {
  let worst = 0;
  for (let index = 0; index < count; index += 1) worst = Math.max(worst, await run());
  return worst;
}

/** Waits until the process holds at most `limit` sockets and returns how many; fails after `withinMs`. */
async function settled(product: Product, limit: number, withinMs = 2000): Promise<number> {
  const started = performance.now();
  for (;;) {
    const open = product.sockets();
    if (open <= limit) return open;
    assert.ok(
      performance.now() - started < withinMs,
      `${open} sockets are open, ${limit} were expected after ${withinMs} ms`,
    );
    await pause(20);
  }
}
