/** Every way a message may arrive: whole, byte by byte, cut in two anywhere. For tests of parsers and handshakes. */

/** `bytes` whole, byte by byte, and cut into two pieces at every place. */
export function* everySplit(bytes: Buffer): Generator<Buffer[]> {
  yield [bytes];
  yield byteByByte(bytes);
  for (let at = 1; at < bytes.length; at += 1) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

export function byteByByte(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte));
}

/** Writes pieces so that the other side reads each one alone: a loop turn lies between two writes. */
export async function writePieces(
  conn: { write(chunk: Buffer): unknown },
  pieces: readonly Buffer[],
): Promise<void> {
  for (const piece of pieces) {
    conn.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
