/**
 * Version 2 flow control of one stream, pure arithmetic. Source: xtaci/smux v1.5.56 stream.go.
 *
 *     sender:    | consumed by the peer ... sent |          |
 *                |<------ peer window from consumed ------->|
 *
 * Totals on the wire are modulo 2^32. Here they are plain numbers, exact up to 8 PiB per stream; only what
 * comes from the wire is compared modulo 2^32.
 */
import { INITIAL_PEER_WINDOW_BYTES } from './frame.ts';

const INT32_MAX = 0x7fffffff;

/** How much this side may still send. */
export class SendWindow {
  #sentBytes = 0;
  /** Sent and not yet consumed, as of the last UPD. */
  #inFlightBytes = 0;
  #peerWindowBytes = INITIAL_PEER_WINDOW_BYTES;

  /** Bytes that may be sent now; never negative. */
  get freeBytes(): number {
    return Math.max(0, this.#peerWindowBytes - this.#inFlightBytes);
  }

  sent(bytes: number): void {
    this.#sentBytes += bytes;
    this.#inFlightBytes += bytes;
  }

  /** Takes an UPD. False when the peer claims bytes that were never sent (Go: ErrConsumed). */
  update(consumed: number, window: number): boolean {
    const inFlightBytes = (this.#sentBytes - consumed) | 0;
    if (inFlightBytes < 0) return false;
    this.#inFlightBytes = inFlightBytes;
    this.#peerWindowBytes = Math.min(window, INT32_MAX);
    return true;
  }
}

/** How much the peer may send, and when to tell it more. */
export class ReceiveWindow {
  readonly #windowBytes: number;
  #receivedBytes = 0;
  #consumedBytes = 0;
  #unreportedBytes = 0;
  /** Total the peer may have sent. It starts with its own guess, whatever our window is. */
  #grantedBytes = INITIAL_PEER_WINDOW_BYTES;

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  /**
   * Counts arrived bytes. False when the peer is past its window by more than another initial window:
   * Go lets goroutines that write to one stream at once each use the same free window, hence the slack.
   */
  receive(bytes: number): boolean {
    this.#receivedBytes += bytes;
    return this.#receivedBytes <= this.#grantedBytes + INITIAL_PEER_WINDOW_BYTES;
  }

  /** Counts bytes the reader took. True when an UPD is due: at the first read, then per half window. */
  consume(bytes: number): boolean {
    const first = this.#consumedBytes === 0;
    this.#consumedBytes += bytes;
    this.#unreportedBytes += bytes;
    return first || this.#unreportedBytes >= Math.floor(this.#windowBytes / 2);
  }

  /** The values of the UPD that is being sent now. */
  report(): { consumed: number; window: number } {
    this.#unreportedBytes = 0;
    this.#grantedBytes = Math.max(this.#grantedBytes, this.#consumedBytes + this.#windowBytes);
    return { consumed: this.#consumedBytes % 0x1_0000_0000, window: this.#windowBytes };
  }
}
