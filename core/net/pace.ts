/**
 * Spreads bursts of large datagrams. A receiver with the system's default buffer (208 KiB on Linux, less elsewhere) holds six
 * datagrams of 32 KiB. After a pause of this process, however short, everything that waited in our own buffers would leave at
 * once and be lost there. What exceeds a small burst therefore leaves over the next milliseconds. Small datagrams pass.
 */
const LARGE_BYTES = 8 * 1024;
/** Of large datagrams, per socket and tick: three of 32 KiB. */
const BURST_BYTES = 96 * 1024;
const TICK_MS = 1;
/** Waiting bytes of one socket, beyond which datagrams are dropped. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/** A datagram that waits, with its bytes copied. */
interface Waiting {
  readonly data: Buffer;
  readonly ip: string;
  readonly port: number;
}

export class Pace {
  readonly #send: (data: Buffer, ip: string, port: number) => void;
  readonly #queue: Waiting[] = [];
  #queuedBytes = 0;
  /** Bytes that may still leave in this tick; below zero it is owed to the next one. */
  #credit = BURST_BYTES;
  #timer: NodeJS.Timeout | null = null;

  /** `send` is called for what had to wait. */
  constructor(send: (data: Buffer, ip: string, port: number) => void) {
    this.#send = send;
  }

  /** True: `length` bytes may leave now. False: they have to `wait`. Nothing overtakes what waits. */
  passes(length: number): boolean {
    if (this.#queue.length > 0) return false;
    if (length < LARGE_BYTES) return true;
    return this.#spend(length);
  }

  /** Keeps one datagram until its turn, or says that too much waits already. The bytes must not change any more. */
  wait(data: Buffer, ip: string, port: number): boolean {
    if (this.#queuedBytes + data.length > MAX_WAITING_BYTES) return false;
    this.#queue.push({ data, ip, port });
    this.#queuedBytes += data.length;
    return true;
  }

  /** Forgets what waits. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  #spend(length: number): boolean {
    if (this.#credit <= 0) return false;
    this.#credit -= length;
    this.#timer ??= setTimeout(this.#tick, TICK_MS);
    return true;
  }

  readonly #tick = (): void => {
    this.#credit = Math.min(BURST_BYTES, this.#credit + BURST_BYTES);
    this.#timer = this.#credit < BURST_BYTES ? setTimeout(this.#tick, TICK_MS) : null;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (!this.#spend(next.data.length)) return;
      this.#queue.shift();
      this.#queuedBytes -= next.data.length;
      this.#send(next.data, next.ip, next.port);
    }
  };
}
