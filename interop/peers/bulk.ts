/**
 * Bulk transfer with digests: a fixed pseudo-random pattern that both ends can make, and a TCP source and sink that speak one
 * line of text first. `send N` gets N bytes; `take N` followed by N bytes is answered with their digest.
 */
import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { once } from 'node:events';
import { portOf, type Peer, addressOf } from './ready.ts';

const CHUNK = 64 * 1024;
/** A prime length, so that neither chunks nor powers of two ever line up with the repetition. */
const PATTERN = pattern(1_048_583);

/** The first `count` bytes of the pattern as a stream. */
export function bulkBytes(count: number): Readable {
  return Readable.from(slices(count), { objectMode: false });
}

/** Digest of the first `count` bytes of the pattern, in hex. */
export function bulkDigest(count: number): string {
  const hash = createHash('sha256');
  for (const slice of slices(count)) hash.update(slice);
  return hash.digest('hex');
}

/** Starts the source and sink on 127.0.0.1. */
export async function startBulk(): Promise<Peer> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  const stop = async (): Promise<void> => {
    const closed = once(server.close(), 'close');
    for (const socket of open) socket.destroy();
    await closed;
  };
  return {
    name: 'bulk',
    host: '127.0.0.1',
    port,
    address: addressOf('127.0.0.1', port),
    log: () => '',
    stop,
  };
}

/** Client side on a connected socket: downloads `count` bytes and returns their digest. */
export async function download(socket: Socket, count: number): Promise<string> {
  socket.write(`send ${count}\n`);
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    hash.update(chunk);
    received += chunk.length;
  }
  if (received !== count) throw new Error(`${received} of ${count} bytes arrived`);
  return hash.digest('hex');
}

/** Client side on a connected socket: uploads `count` bytes and returns the digest that the sink saw. */
export async function upload(socket: Socket, count: number): Promise<string> {
  socket.write(`take ${count}\n`);
  bulkBytes(count).pipe(socket, { end: false });
  let answer = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) answer += chunk.toString();
  return answer.trim();
}

async function serve(socket: Socket): Promise<void> {
  let head = Buffer.alloc(0);
  const hash = createHash('sha256');
  let left = -1;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    let body = chunk;
    if (left < 0) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\n');
      if (end < 0) continue;
      const [verb, count] = head.subarray(0, end).toString().split(' ');
      if (verb === 'send') {
        bulkBytes(Number(count)).pipe(socket);
        await once(socket, 'close');
        return;
      }
      left = Number(count);
      body = head.subarray(end + 1);
    }
    hash.update(body);
    left -= body.length;
    if (left <= 0) {
      socket.end(hash.digest('hex'));
      await once(socket, 'close');
      return;
    }
  }
}

function* slices(count: number): Generator<Buffer> {
  for (let at = 0; at < count;) {
    const from = at % PATTERN.length;
    const slice = PATTERN.subarray(from, Math.min(from + CHUNK, PATTERN.length, from + count - at));
    yield slice;
    at += slice.length;
  }
}

/** Bytes of a xorshift generator with a fixed seed. */
function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 0x9e3779b9;
  for (let index = 0; index < length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state & 0xff;
  }
  return bytes;
}
