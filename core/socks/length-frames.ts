/**
 * Datagrams to and from one fixed target inside a stream, as relay's UDP CONNECT carries them: `LEN(2) payload`, no address.
 */
import type { DropReason } from '../contract/stats.ts';
import type { Address, Conn, PacketConn, PacketSink } from '../net/conn.ts';
import { MAX_UNSENT_BYTES } from './tunnel.ts';

const MAX_PAYLOAD_BYTES = 0xffff;

/** Owns `conn` from now on. Every datagram read is said to come from `target`. */
export class LengthFrames implements PacketConn {
  readonly carrier = 'relay';
  readonly hops = ['relay'] as const;
  readonly largest = MAX_PAYLOAD_BYTES;
  readonly local: Address;
  readonly closed: Promise<void>;
  readonly #conn: Conn;
  readonly #target: Address;
  #rest: Buffer = Buffer.alloc(0);

  constructor(conn: Conn, target: Address) {
    this.#conn = conn;
    this.#target = target;
    this.local = { host: conn.localAddress ?? '0.0.0.0', port: conn.localPort ?? 0 };
    this.closed = new Promise((resolve) => conn.once('close', () => resolve()));
    conn.on('error', () => undefined); // told by `closed`
    conn.once('end', () => conn.destroy());
    if (conn.destroyed || conn.readableEnded) conn.destroy();
  }

  receive(sink: PacketSink): void {
    this.#conn.on('data', (chunk: Buffer) => {
      let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      while (bytes.length >= 2) {
        const end = 2 + bytes.readUInt16BE(0);
        if (bytes.length < end) break;
        sink(bytes.subarray(2, end), this.#target);
        bytes = bytes.subarray(end);
      }
      this.#rest = bytes;
    });
  }

  send(data: Buffer): DropReason | null {
    if (this.#conn.destroyed || this.#conn.writableEnded) return 'closing';
    if (data.length > MAX_PAYLOAD_BYTES) return 'too_big';
    if (this.#conn.writableLength > MAX_UNSENT_BYTES) return 'queue';
    const head = Buffer.allocUnsafe(2);
    head.writeUInt16BE(data.length, 0);
    this.#conn.write(Buffer.concat([head, data]));
    return null;
  }

  close(): void {
    this.#conn.destroy();
  }
}
