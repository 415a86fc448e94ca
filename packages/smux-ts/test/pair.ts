/** Test only: two ends of an in-memory transport that keep back-pressure and can be cut, and a loopback TCP pair. */
import net from 'node:net';
import { Duplex } from 'node:stream';

const BUFFER_BYTES = 16 * 1024;

/** One end of an in-memory pair. Each written chunk arrives as one chunk, in a later turn. */
class End extends Duplex {
  peer: End | null = null;
  #resume: (() => void) | null = null;

  constructor() {
    super({ highWaterMark: BUFFER_BYTES }); // by itself it differs between versions of Node
  }

  override _read(): void {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.peer?.deliver(chunk, callback);
  }

  override _final(callback: () => void): void {
    this.peer?.deliver(null, callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    setImmediate(() => this.peer?.destroy());
    callback(error);
  }

  deliver(chunk: Buffer | null, callback: () => void): void {
    setImmediate(() => {
      if (this.destroyed || this.push(chunk) || chunk === null) callback();
      else this.#resume = callback;
    });
  }
}

export interface Pair {
  readonly client: Duplex;
  readonly server: Duplex;
}

/** Two connected in-memory Duplexes without `_writev`. */
export function memoryPair(): Pair {
  const client = new End();
  const server = new End();
  client.peer = server;
  server.peer = client;
  return { client, server };
}

/** Two connected TCP sockets on 127.0.0.1. */
export async function tcpPair(): Promise<{ client: net.Socket; server: net.Socket }> {
  const listener = net.createServer({ allowHalfOpen: true, noDelay: true });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const accepted = new Promise<net.Socket>((resolve) => listener.once('connection', resolve));
  const client = net.connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const server = await accepted;
  if (client.connecting) await new Promise((resolve) => client.once('connect', resolve));
  listener.close();
  return { client, server };
}
