/** Test only: reading, random bytes and session pairs for the suites. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Session, type SessionOptions, type Stream } from '../src/index.ts';
import { memoryPair, tcpPair, type Pair } from './pair.ts';

export const TRANSPORTS: Readonly<Record<string, () => Pair | Promise<Pair>>> = {
  memory: memoryPair,
  tcp: tcpPair,
};

export interface Sessions {
  readonly client: Session;
  readonly server: Session;
  readonly transport: Pair;
  /** Opens a stream of the client. All streams of the suite have a listener for 'error', so that an end of a test is quiet. */
  open(): Stream;
  /** The next stream the server was given. */
  accepted(): Promise<Stream>;
  /** Closes both ends and waits until their transports are gone. */
  close(): Promise<void>;
}

export async function sessions(
  makePair: () => Pair | Promise<Pair>,
  options: SessionOptions = {},
  serverOptions: SessionOptions = options,
): Promise<Sessions> {
  const transport = await makePair();
  const arrived: Stream[] = [];
  const waiting: ((stream: Stream) => void)[] = [];
  const onStream = (stream: Stream): void => {
    stream.on('error', () => undefined);
    const waiter = waiting.shift();
    if (waiter === undefined) arrived.push(stream);
    else waiter(stream);
  };
  const client = Session.client(transport.client, options);
  const server = Session.server(transport.server, { onStream, ...serverOptions });
  return {
    client,
    server,
    transport,
    open: () => client.open().on('error', () => undefined),
    accepted: () => {
      const stream = arrived.shift();
      return stream === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(stream);
    },
    close: async () => {
      client.close();
      server.close();
      await Promise.all([gone(transport.client), gone(transport.server)]);
    },
  };
}

export async function gone(stream: Duplex): Promise<void> {
  if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
}

export async function readAll(stream: Duplex): Promise<Buffer> {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  await once(stream, 'end');
  return Buffer.concat(pieces);
}

/** Exactly `bytes` bytes by paused reads, as a handshake reads them. */
export async function readExactly(stream: Duplex, bytes: number): Promise<Buffer> {
  for (;;) {
    const piece = stream.read(bytes) as Buffer | null;
    if (piece !== null) return piece;
    await once(stream, 'readable');
  }
}

/** Lets the event loop turn until the fact holds; for facts that no event announces. Fails after many turns. */
export async function until(fact: () => boolean): Promise<void> {
  for (let i = 0; i < 200_000; i++) {
    if (fact()) return;
    await turn();
  }
  throw new Error(`never became true: ${fact.toString()}`);
}

/** Turns of the event loop, for facts that must not happen. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

export function random(bytes: number): Buffer {
  return randomBytes(bytes);
}

export function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
