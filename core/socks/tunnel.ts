/**
 * Datagrams inside a stream as a PacketConn: UDP-TUN frames (udptun.ts) over any Conn. Both roles are alike: `to` of a
 * datagram is written into its frame, `from` is read out of one. A frame that can not be read ends this stream only.
 */
import type { DropReason } from '../contract/stats.ts';
import type { Address, Conn, PacketConn, PacketSink } from '../net/conn.ts';
import { decodeFrame, encodeFrame, MAX_FRAME_PAYLOAD_BYTES } from './udptun.ts';

/** Bytes waiting in the stream beyond which datagrams are dropped: old datagrams are worth less than new ones. */
export const MAX_UNSENT_BYTES = 512 * 1024;

/** Owns `conn` from now on. `local` is what the far end calls its bound address. */
export class TunnelPackets implements PacketConn {
  readonly carrier = 'udp-tun';
  readonly hops = ['udp-tun'] as const;
  readonly largest = MAX_FRAME_PAYLOAD_BYTES;
  readonly local: Address;
  readonly closed: Promise<void>;
  readonly #conn: Conn;
  #rest: Buffer = Buffer.alloc(0);
  #sink: PacketSink | null = null;

  constructor(conn: Conn, local: Address) {
    this.#conn = conn;
    this.local = local;
    this.closed = new Promise((resolve) => conn.once('close', () => resolve()));
    conn.on('error', () => undefined); // told by `closed`
    conn.once('end', () => conn.destroy());
    if (conn.destroyed || conn.readableEnded) conn.destroy();
  }

  receive(sink: PacketSink): void {
    const first = this.#sink === null;
    this.#sink = sink;
    if (first) this.#conn.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  send(data: Buffer, to: Address): DropReason | null {
    if (this.#conn.destroyed || this.#conn.writableEnded) return 'closing';
    if (data.length > MAX_FRAME_PAYLOAD_BYTES) return 'too_big';
    // GOST reads a frame of length 0 as "take what comes next": it would lose its place in the stream
    if (data.length === 0) return 'empty';
    if (to.port === 0 || to.host === '') return 'unreachable';
    if (this.#conn.writableLength > MAX_UNSENT_BYTES) return 'queue';
    try {
      this.#conn.write(encodeFrame({ address: to, payload: data }));
    } catch {
      return 'name';
    }
    return null;
  }

  close(): void {
    this.#conn.destroy();
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    try {
      for (let step = decodeFrame(bytes); !('need' in step); step = decodeFrame(bytes)) {
        const { address, payload } = step.value;
        bytes = bytes.subarray(step.size);
        this.#sink?.(payload, address);
        if (this.#conn.destroyed) return;
      }
    } catch {
      this.#conn.destroy();
      return;
    }
    this.#rest = bytes;
  }
}
