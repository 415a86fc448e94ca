/** The requests of the interop suite, both sides, as interop/go/interop.go defines them. */
import { createHash, randomBytes, randomFillSync, type Hash } from 'node:crypto';
import type { Session, Stream } from '../src/index.ts';

const REQUEST_BYTES = 16;
const DIGEST_BYTES = 32;

/** Byte-wise reading in direct mode with back-pressure: exact reads, and "everything up to here into a hash". */
class Reader {
  readonly #stream: Stream;
  #buffered: Buffer[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    stream.once('end', () => this.#end());
    stream.once('close', () => this.#end());
    stream.onData((piece) => {
      this.#buffered.push(piece);
      this.#wake();
      return false;
    });
  }

  /** The next bytes, at most `most`; null at the end. */
  async some(most: number): Promise<Buffer | null> {
    while (this.#buffered.length === 0) {
      if (this.#ended) return null;
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      this.#stream.resumeData();
      await woken;
    }
    const [piece = Buffer.alloc(0)] = this.#buffered;
    if (piece.length <= most) this.#buffered.shift();
    else this.#buffered[0] = piece.subarray(most);
    return piece.subarray(0, most);
  }

  async exactly(bytes: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = bytes; left > 0;) {
      const piece = await this.some(left);
      if (piece === null) throw new Error(`stream ${this.#stream.id} ended ${left} bytes too early`);
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  /** Hashes up to `bytes` bytes, all there are by default; resolves with their number. */
  async into(hash: Hash, bytes = Infinity): Promise<number> {
    let count = 0;
    while (count < bytes) {
      const piece = await this.some(bytes - count);
      if (piece === null) break;
      hash.update(piece);
      count += piece.length;
    }
    return count;
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}

/** Answers the requests of the other side. Streams of request W stay open until `finish` is called. */
export class Responder {
  #held: Stream[] = [];

  readonly onStream = (stream: Stream): void => {
    this.#answer(stream).catch(() => stream.destroy());
  };

  finish(): void {
    for (const stream of this.#held) stream.end();
    this.#held = [];
  }

  async #answer(stream: Stream): Promise<void> {
    stream.on('error', () => undefined);
    const reader = new Reader(stream);
    const request = await reader.exactly(REQUEST_BYTES);
    const size = Number(request.readBigUInt64LE(8));
    const hash = createHash('sha256');
    switch (String.fromCharCode(request.readUInt8(0))) {
      case 'E':
        for (let piece = await reader.some(Infinity); piece !== null; piece = await reader.some(Infinity)) {
          await write(stream, piece);
        }
        break;
      case 'S': {
        const count = await reader.into(hash, size === 0 ? Infinity : size);
        const answer = Buffer.alloc(DIGEST_BYTES + 8);
        hash.digest().copy(answer);
        answer.writeBigUInt64LE(BigInt(count), DIGEST_BYTES);
        await write(stream, answer);
        break;
      }
      case 'P':
        await send(stream, size, hash);
        await write(stream, hash.digest());
        break;
      case 'W':
        await reader.into(createHash('sha256'));
        await send(stream, size, hash);
        await write(stream, hash.digest());
        this.#held.push(stream);
        return;
      default:
        await reader.into(hash);
    }
    stream.end();
    await reader.into(createHash('sha256'));
  }
}

/** Opens a stream and sends the head of a request. */
export function open(session: Session, command: 'E' | 'S' | 'P', size: number): Stream {
  const stream = session.open();
  stream.on('error', () => undefined);
  const head = Buffer.alloc(REQUEST_BYTES, 0);
  head.write(command);
  head.writeBigUInt64LE(BigInt(size), 8);
  stream.writeDirect(head);
  return stream;
}

/** Runs one request toward the other side and checks the answer. */
export async function request(session: Session, command: 'E' | 'S' | 'P', size: number): Promise<void> {
  const stream = open(session, command, command === 'S' ? 0 : size);
  const reader = new Reader(stream);
  if (command === 'P') stream.end();
  const sent = createHash('sha256');
  const got = createHash('sha256');
  const sending =
    command === 'P' ? Promise.resolve() : send(stream, size, sent).then(() => void stream.end());
  if (command !== 'S') check(stream, (await reader.into(got, size)) === size);
  await sending;
  if (command === 'E') check(stream, got.digest().equals(sent.digest()));
  if (command === 'P') check(stream, (await reader.exactly(DIGEST_BYTES)).equals(got.digest()));
  if (command === 'S') {
    const answer = await reader.exactly(DIGEST_BYTES + 8);
    check(stream, answer.subarray(0, DIGEST_BYTES).equals(sent.digest()));
    check(stream, answer.readBigUInt64LE(DIGEST_BYTES) === BigInt(size));
  }
  check(stream, (await reader.some(1)) === null);
}

function check(stream: Stream, fact: boolean): void {
  if (!fact) throw new Error(`stream ${stream.id} carried other bytes than expected`);
}

async function write(stream: Stream, bytes: Buffer): Promise<void> {
  if (stream.writeDirect(bytes)) return;
  if (stream.destroyed) throw new Error(`stream ${stream.id} was closed`);
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/** Writes random bytes in random pieces; large amounts in large pieces. */
export async function send(stream: Stream, size: number, hash: Hash): Promise<void> {
  const large = size >= 1 << 24;
  const salt = randomBytes(131_072);
  for (let left = size; left > 0 && !stream.destroyed;) {
    const most = Math.min(left, salt.length);
    const piece = Buffer.from(salt.subarray(0, large ? most : 1 + Math.floor(Math.random() * most)));
    randomFillSync(piece, 0, Math.min(8, piece.length));
    hash.update(piece);
    await write(stream, piece);
    left -= piece.length;
  }
}
