/**
 * An open WebSocket as a byte stream (RFC 6455 §5). One binary frame per write; frame boundaries carry no meaning; text frames count as
 * data. A shut-down is the socket's half-close, not a close frame, as GOST does it; a close frame from the peer ends its direction.
 * The frames are the ws library's; see ws-parts.ts for why its WebSocket class is not used.
 */
import { Duplex } from 'node:stream';
import { ProxyError } from '../errors.ts';
import type { Conn } from '../net/conn.ts';
import { afterLast } from './after-last.ts';
import { Receiver, Sender, type Deflate } from './ws-parts.ts';

export const MAX_PAYLOAD = 16 * 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** Which end of the WebSocket this is, and what was agreed on. */
export interface Role {
  readonly client: boolean;
  readonly extensions: Record<string, Deflate>;
  readonly pingMs: number;
}

/** The byte stream inside a WebSocket. Errors and ends of the socket below are its own. */
export class WebSocketConn extends Duplex implements Conn {
  readonly #below: Conn;
  readonly #receiver: Receiver;
  readonly #sender: Sender;
  readonly #options: { binary: true; compress: boolean; fin: true; mask: boolean };
  readonly #extensions: Record<string, Deflate>;
  #heard = true;
  #timer: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(below: Conn, head: Buffer, role: Role) {
    super({ allowHalfOpen: true, emitClose: true });
    this.#below = below;
    this.#extensions = role.extensions;
    this.#options = {
      binary: true,
      compress: 'permessage-deflate' in role.extensions,
      fin: true,
      mask: role.client,
    };
    this.#sender = new Sender(below, role.extensions);
    this.#receiver = new Receiver({
      isServer: !role.client,
      maxPayload: MAX_PAYLOAD,
      extensions: role.extensions,
      skipUTF8Validation: true,
    });
    this.#receiver.on('message', (data) => {
      if (!this.push(data)) below.pause();
    });
    this.#receiver.on('ping', (data) => this.#sender.pong(data, role.client));
    this.#receiver.on('conclude', () => this.#finishReading());
    this.#receiver.on('error', (error) =>
      this.destroy(new ProxyError('reset', { side: 'The WebSocket peer' }, { cause: error })),
    );
    this.#receiver.on('drain', () => below.resume());
    this.#receiver.on('finish', () => this.#finishReading());
    below.on('data', (chunk: Buffer) => this.#take(chunk));
    below.on('end', () => this.#receiver.end());
    below.on('error', (error) => this.destroy(error));
    below.on('close', () => {
      // after a proper end, frames may still be on their way through the receiver
      if (!below.readableEnded && !this.#ended)
        this.destroy(new ProxyError('reset', { side: 'The WebSocket peer' }));
      else if (!this.writableFinished && !this.writableEnded) afterLast(this);
    });
    if (role.pingMs > 0) this.#keepAlive(role);
    if (head.length > 0) this.#take(head);
    below.resume();
  }

  get localAddress(): string | undefined {
    return this.#below.localAddress;
  }
  get localPort(): number | undefined {
    return this.#below.localPort;
  }
  get remoteAddress(): string | undefined {
    return this.#below.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.#below.remotePort;
  }

  override _read(): void {
    this.#below.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#sender.send(chunk, this.#options, (error) => done(error));
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#below.cork();
    chunks.forEach(({ chunk }, index) => {
      const last = index === chunks.length - 1;
      this.#sender.send(chunk, this.#options, last ? (error) => done(error) : undefined);
    });
    this.#below.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#below.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const deflate of Object.values(this.#extensions)) deflate.cleanup();
    this.#below.destroy(error ?? undefined);
    done(error);
  }

  #take(chunk: Buffer): void {
    this.#heard = true;
    if (this.#receiver.writableEnded) return; // what follows a close frame means nothing
    if (!this.#receiver.write(chunk)) this.#below.pause();
  }

  #finishReading(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.push(null);
  }

  #keepAlive({ pingMs, client }: Role): void {
    let silent = 0;
    this.#timer = setInterval(() => {
      silent = this.#heard ? 0 : silent + 1;
      this.#heard = false;
      if (silent >= 2) this.destroy(new ProxyError('idle', { seconds: (2 * pingMs) / 1000 }));
      else this.#sender.ping(NOTHING, client);
    }, pingMs);
    this.#timer.unref();
  }
}
