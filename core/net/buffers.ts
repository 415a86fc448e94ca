/**
 * Read buffers for bulk streams, lent out one at a time. Growing a read from 64 KiB to 512 KiB halves the cost of a byte, but
 * a process can not afford such a buffer per connection: a stream holds one while its reads fill it and for a few shorter ones (one
 * that falls silent before keeps it until it ends), and all streams together hold at most 64 MiB. Whoever gets none goes on with the small one.
 */
const LENT_MAX_BYTES = 64 * 1024 * 1024;
/** Kept for the next borrower; the rest is left to the garbage collector. */
const SPARE_MAX_BYTES = 8 * 1024 * 1024;

const spare = new Map<number, Buffer[]>();
let spareBytes = 0;
let lentBytes = 0;

/** A buffer of exactly `bytes`, or null when too much is lent already. Its content is garbage. */
export function borrow(bytes: number): Buffer | null {
  if (lentBytes + bytes > LENT_MAX_BYTES) return null;
  lentBytes += bytes;
  const buffer = spare.get(bytes)?.pop();
  if (buffer === undefined) return Buffer.allocUnsafeSlow(bytes);
  spareBytes -= bytes;
  return buffer;
}

/** Ends a loan. `reusable` is false when the system may still be reading from the buffer. */
export function giveBack(buffer: Buffer, reusable: boolean): void {
  const bytes = buffer.length;
  lentBytes -= bytes;
  if (!reusable || spareBytes + bytes > SPARE_MAX_BYTES) return;
  spareBytes += bytes;
  const same = spare.get(bytes);
  if (same === undefined) spare.set(bytes, [buffer]);
  else same.push(buffer);
}

/** Bytes lent at this moment. */
export function lent(): number {
  return lentBytes;
}
