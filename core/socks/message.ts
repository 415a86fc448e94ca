/**
 * How every decoder of this folder answers, and the one loop that reads a message off a stream with a decoder. A decoder
 * is a pure function of the bytes so far; bytes behind the message are none of its business.
 */

/**
 * A whole message and the number of bytes it took from the start of the buffer, or how many bytes, counted from there too,
 * the message certainly has: reading up to that many never takes a byte of what follows.
 */
export type Decoded<T> = { readonly value: T; readonly size: number } | { readonly need: number };

/** Throws ProxyError (`malformed`, `version`, `address_type`) as soon as the bytes can not become a message. */
export type Decode<T> = (bytes: Buffer) => Decoded<T>;

/** Gives exactly `length` bytes; net/reader.ts is one. */
export interface ExactReader {
  read(length: number): Promise<Buffer>;
  /** The same without waiting; null when they are not all here yet, and nothing is taken then. */
  readNow(length: number): Buffer | null;
}

const NOTHING = Buffer.alloc(0);

/** Reads one message and not one byte more. Rejects with what the decoder throws or the reader rejects with. */
export async function readMessage<T>(reader: ExactReader, decode: Decode<T>): Promise<T> {
  let bytes: Buffer = NOTHING;
  for (;;) {
    const step = decode(bytes);
    if (!('need' in step)) return step.value;
    const missing = step.need - bytes.length;
    const more = reader.readNow(missing) ?? (await reader.read(missing));
    bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more]);
  }
}
