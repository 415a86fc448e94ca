/**
 * Promises under abuse, measured on the real program in a process of its own: after each fault new clients are served at
 * once, descriptors are back at the baseline within two seconds and memory has stayed bounded (promises.md, figures).
 * Times are the product's and the client's own: what other programs took of the processor meanwhile is not in them.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from '../../net/conn.ts';
import { associateThrough, ask, connectThrough, field, open, take } from '../client.ts';
import { OwnTime, processorMs } from '../own-time.ts';
import { measurable, startProduct, type Product } from '../product.ts';

const MiB = 1024 * 1024;
/** State column of /proc/net/tcp. */
const LISTENING = '0A';
const SILENT_CLIENTS = 5000;
/** Silent clients that come at once: the system lets as many wait, whatever else the machine does. */
const WAVE = 500;
/** The slowest of 20 good clients, whoever else is there. */
const PATIENCE_MS = 100;
/** What a delayed acknowledgement costs. */
const STALL_MS = 40;
/** How much memory a fault may cost, and how long its descriptors may stay. */
const GROWTH_BYTES = 256 * MiB;
const RECOVERY_MS = 2000;
const skip = measurable ? false : 'needs /proc to measure another process';

describe('faults', { skip }, () => {
  let product: Product;
  let echo: Server;
  let echoAt: Address;
  let rest: Rest;

  before(async () => {
    echo = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.pipe(socket);
    });
    echoAt = await listen(echo);
    // silent clients have to stay until the last of them has come, however slow the machine is
    product = await startProduct(['-L', 'socks5://127.0.0.1:0?udp=true&bind=true&readTimeout=120s']);
    rest = atRest(product);
    await recovered(product, rest, echoAt);
  });
  after(async () => {
    assert.equal(await product.stop(), 0, 'SIGTERM ends the program properly');
    echo.close();
  });
  const proxy = (): Address => first(product);

  test('5,000 silent clients do not keep others waiting', { timeout: 120_000 }, async () => {
    const silent: Socket[] = [];
    while (silent.length < SILENT_CLIENTS) {
      silent.push(...(await Promise.all(Array.from({ length: WAVE }, () => open(proxy())))));
      // a client that has connected may still wait in the system's queue
      while (product.descriptors() < rest.descriptors + silent.length) await pause(25);
    }
    const worst = await slowest(20, () => roundTrip(product, echoAt));
    assert.ok(
      product.descriptors() >= rest.descriptors + SILENT_CLIENTS,
      'all silent clients are still there',
    );
    for (const socket of silent) socket.destroy();
    assert.ok(worst < PATIENCE_MS, `the slowest of 20 good clients took ${worst.toFixed(0)} ms`);
    await recovered(product, rest, echoAt);
  });

  test(
    'a target that never reads holds back its own client and nobody else',
    { timeout: 30_000 },
    async () => {
      const deaf = createServer({ pauseOnConnect: true });
      const held: Socket[] = [];
      deaf.on('connection', (socket: Socket) => held.push(socket.on('error', () => undefined)));
      const target = await listen(deaf);
      const client = await connectThrough(proxy(), target);
      const before = product.memory();
      const taken = await fill(client, product);
      // how much the system keeps for a socket is the system's (net.ipv4.tcp_rmem, tcp_wmem); the rest is in the proxy
      const own = (taken - queuedAt([client.localPort ?? 0, target.port])) / MiB;
      assert.ok(taken > MiB, 'the way is full');
      assert.ok(own < 2, `${own.toFixed(1)} MiB wait in the proxy although the target reads nothing`);
      assert.ok(product.memory() - before < 64 * MiB, 'what waits is bounded');
      await roundTrip(product, echoAt);
      for (const socket of [client, ...held]) socket.destroy();
      deaf.close();
      await recovered(product, rest, echoAt);
    },
  );

  test('small packets are not kept waiting for more, either way', { timeout: 20_000 }, async () => {
    // whoever waits for the acknowledgement of the first byte waits 40 ms: the other side has nothing to say yet
    const chatty = createServer({ noDelay: true }, (socket) => {
      let heard = 0;
      socket
        .on('error', () => undefined)
        .on('data', ({ length }) => {
          for (heard += length; heard >= 2; heard -= 2) {
            socket.write('x');
            setImmediate(() => socket.write('y'));
          }
        });
    });
    const client = await connectThrough(proxy(), await listen(chatty));
    // the first answer may be held back for a moment on purpose (REPLY_GRACE_MS)
    client.write('ab');
    await take(client, 2);
    const worst = await slowest(20, async () => {
      const time = new OwnTime(product.pid);
      client.write('a');
      setImmediate(() => client.write('b'));
      assert.equal((await take(client, 2)).toString(), 'xy');
      return time.elapsed;
    });
    assert.ok(worst < STALL_MS, `two bytes took ${worst.toFixed(0)} ms there and back`);
    client.destroy();
    chatty.close();
    await recovered(product, rest, echoAt);
  });

  test('a client that aborts during the dial leaves nothing behind', { timeout: 30_000 }, async () => {
    const hole = await blackHole();
    const dials = await Promise.all(Array.from({ length: 50 }, () => open(proxy())));
    for (const socket of dials) {
      socket.on('error', () => undefined);
      socket.write(Buffer.concat([Buffer.from([5, 1, 0, 5, 1, 0]), field(hole.address)]));
    }
    await Promise.all(dials.map((socket) => take(socket, 2)));
    await roundTrip(product, echoAt);
    assert.ok(product.descriptors() >= rest.descriptors + 100, 'the dials are under way');
    for (const socket of dials) socket.resetAndDestroy();
    await recovered(product, rest, echoAt);
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
      await recovered(product, rest, echoAt);
    },
  );

  test('an association ends with its control connection', { timeout: 20_000 }, async () => {
    const association = await associateThrough(proxy());
    assert.ok(product.descriptors() > rest.descriptors);
    association.close();
    await settled(product, rest, 1500);
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
      const rest = atRest(product);
      const client = await connectThrough(first(product), target);
      client.on('error', () => undefined);
      await once(client, 'data');
      // a killed program's sockets end with FIN or, with bytes unread, with RST
      const ended = new Promise<void>((resolve) =>
        client.once('close', () => resolve()).once('end', () => resolve()),
      );
      client.resume();
      process.kill(hop.pid, 'SIGKILL');
      const time = new OwnTime(product.pid);
      await ended;
      assert.ok(time.elapsed < 1000, `the client was left hanging for ${time.elapsed.toFixed(0)} ms`);
      const seen = direct;
      const again = await open(first(product));
      const { rep } = await ask(again, 1, target);
      assert.notEqual(rep, 0, 'a dead chain must refuse');
      assert.equal(direct, seen, 'the target was reached around the dead chain');
      again.destroy();
      client.destroy();
      await settled(product, rest);
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
      const rest = atRest(product);
      const tunnel = await connectThrough(first(product), target);
      const flood = await Promise.all(
        Array.from({ length: 2000 }, () => open(first(product)).catch(() => null)),
      );
      for (const socket of flood) socket?.on('error', () => undefined);
      tunnel.write('alive');
      assert.equal((await take(tunnel, 5)).toString(), 'alive');
      const busy = processorMs(product.pid);
      await pause(500);
      const used = processorMs(product.pid) - busy;
      assert.ok(used < 250, `it used ${used.toFixed(0)} ms of processor in 500 ms of doing nothing`);
      for (const socket of flood) socket?.destroy();
      const time = new OwnTime(product.pid);
      for (let served = false; !served;) {
        served = await roundTrip(product, target).then(
          () => true,
          () => false,
        );
        assert.ok(time.elapsed < RECOVERY_MS, 'no new client was served within 2 s after the flood');
      }
      tunnel.destroy();
      await recovered(product, rest, target);
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
      const asked = new Set<string>();
      mute.on('message', (question) => asked.add(/name-\d+/.exec(question.toString('latin1'))?.[0] ?? ''));
      mute.bind(0, '127.0.0.1');
      await once(mute, 'listening');
      const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
      const target = await listen(echo);
      const product = await startProduct([
        '-L',
        `socks5://127.0.0.1:0?resolver=udp://127.0.0.1:${mute.address().port}`,
      ]);
      const rest = atRest(product);
      const stuck = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const socket = await open(first(product));
          socket.on('error', () => undefined);
          return { socket, reply: ask(socket, 1, { host: `name-${index}.example`, port: 80 }) };
        }),
      );
      while (asked.size < stuck.length) await pause(10);
      const worst = await slowest(20, () => roundTrip(product, target));
      assert.ok(worst < PATIENCE_MS, `a client with a literal address waited ${worst.toFixed(0)} ms`);
      const replies = await Promise.all(stuck.map(({ reply }) => reply));
      assert.ok(
        replies.every(({ rep }) => rep === 4 || rep === 6),
        `replies were ${[...new Set(replies.map(({ rep }) => rep))].join()}`,
      );
      for (const { socket } of stuck) socket.destroy();
      await recovered(product, rest, target);
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

/** One connection through the product to an echo target and back; milliseconds of its own time. */
async function roundTrip(product: Product, target: Address): Promise<number> {
  const time = new OwnTime(product.pid);
  const socket = await connectThrough(first(product), target);
  socket.on('error', () => undefined);
  socket.write('ping');
  assert.equal((await take(socket, 4)).toString(), 'ping');
  socket.destroy();
  return time.elapsed;
}

async function slowest(count: number, run: () => Promise<number>): Promise<number> {
  let worst = 0;
  for (let index = 0; index < count; index += 1) worst = Math.max(worst, await run());
  return worst;
}

/** What a product held before a fault. */
interface Rest {
  readonly descriptors: number;
  readonly memory: number;
}

function atRest(product: Product): Rest {
  return { descriptors: product.descriptors(), memory: product.memory() };
}

/** Memory stayed bounded, a new client is served at once, and every descriptor of the fault is closed in time. */
async function recovered(product: Product, rest: Rest, target: Address): Promise<void> {
  const growth = (product.memory() - rest.memory) / MiB;
  assert.ok(product.memory() - rest.memory < GROWTH_BYTES, `memory grew by ${growth.toFixed(0)} MiB`);
  await settled(product, rest);
  const worst = await slowest(1, () => roundTrip(product, target));
  assert.ok(worst < PATIENCE_MS, `the next client took ${worst.toFixed(0)} ms`);
  await settled(product, rest);
}

/** Waits until the process holds no more descriptors than at rest; fails when that takes longer than it may. */
async function settled(product: Product, rest: Rest, withinMs = RECOVERY_MS): Promise<void> {
  const time = new OwnTime(product.pid);
  for (;;) {
    const open = product.descriptors();
    if (open <= rest.descriptors) return;
    assert.ok(
      time.elapsed < withinMs,
      `${open} descriptors are open, ${rest.descriptors} were expected after ${withinMs} ms`,
    );
    await pause(20);
  }
}

/** Bytes the system holds, in either direction, for the sockets with one of these ports at either end. */
function queuedAt(ports: readonly number[]): number {
  const wanted = new Set(ports.map((port) => port.toString(16).toUpperCase().padStart(4, '0')));
  return ['tcp', 'tcp6'].reduce((sum, table) => {
    const rows = readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1);
    return rows.reduce((queued, row) => {
      const [, local = '', remote = '', state, queues = ''] = row.trim().split(/\s+/);
      const mine = [local, remote].some((address) => wanted.has(address.split(':')[1] ?? ''));
      if (!mine || state === LISTENING) return queued;
      const [sending = '0', received = '0'] = queues.split(':');
      return queued + Number.parseInt(sending, 16) + Number.parseInt(received, 16);
    }, sum);
  }, 0);
}

/** Writes until nothing has been taken for 700 ms of the product's own time; the bytes taken, the system's buffers included. */
async function fill(socket: Socket, product: Product): Promise<number> {
  const chunk = Buffer.alloc(65_536);
  const taken = (): number => socket.bytesWritten - socket.writableLength;
  const more = (): void => {
    while (taken() < GROWTH_BYTES && socket.write(chunk)) continue;
  };
  socket.on('error', () => undefined);
  socket.on('drain', more);
  more();
  let last = -1;
  for (let still = new OwnTime(product.pid); still.elapsed < 700; await pause(20)) {
    if (taken() === last) continue;
    last = taken();
    still = new OwnTime(product.pid);
  }
  socket.off('drain', more);
  return last;
}
