/**
 * One exchange with a proxy before its stream carries payload: say, hear, say, hear. Bytes are taken exactly, so whatever
 * the proxy sends behind its last message stays in the stream. Every way an exchange can fail is told under the name of the
 * hop, and a stream whose exchange failed is destroyed.
 */
import { ProxyError, toProxyError } from '../errors.ts';
import { familyOf, unmap, validName } from '../net/address.ts';
import type { Address, Conn } from '../net/conn.ts';
import { Reader } from '../net/reader.ts';
import { within } from '../net/within.ts';
import { readMessage, type Decode, type ExactReader } from '../socks/message.ts';

export interface DialogueAbout {
  readonly hop: string;
  /** What the proxy should speak, for the sentence when it does not. */
  readonly protocol: string;
  /** For the whole exchange; 0 leaves it to the attempt's deadline. */
  readonly timeoutMs: number;
}

const HUNG_UP = 'it hung up.';
/** As much of an answer nobody understands as a person needs to recognise it. */
const QUOTED_CHARACTERS = 40;
const QUOTED_BYTES = 8;

/** The proxy's side of one exchange. */
export class Dialogue implements ExactReader {
  readonly #hop: string;
  #conn: Conn;
  #reader: Reader;
  /** The start of the message being heard. */
  #heard: Buffer[] = [];

  constructor(conn: Conn, hop: string) {
    this.#hop = hop;
    this.#conn = conn;
    this.#reader = this.#readerOf(conn);
  }

  /** The stream of the exchange; another one after `goInside`. */
  get conn(): Conn {
    return this.#conn;
  }

  /** Goes on inside a stream that is made of this one, such as TLS. */
  async goInside(make: (conn: Conn) => Promise<Conn>): Promise<void> {
    this.#reader.release();
    this.#conn = await make(this.#conn);
    this.#reader = this.#readerOf(this.#conn);
  }

  /** Lets go of the stream; what the proxy said behind its last message stays in it. */
  release(): void {
    this.#reader.release();
  }

  say(bytes: Buffer): void {
    this.#conn.write(bytes);
  }

  /** One whole message and not a byte more. */
  async hear<T>(decode: Decode<T>): Promise<T> {
    this.#heard = [];
    return readMessage(this, decode);
  }

  /** The next line of a message without its line end, at most `max` bytes. */
  async hearLine(max: number): Promise<string> {
    const line = await this.#reader.readUntil(0x0a, max);
    if (this.#heard.length < 2) this.#heard.push(line);
    return line.toString('latin1').replace(/\r$/, '');
  }

  readNow(length: number): Buffer | null {
    const bytes = this.#reader.readNow(length);
    if (bytes !== null) this.#heard.push(bytes);
    return bytes;
  }

  async read(length: number): Promise<Buffer> {
    const bytes = await this.#reader.read(length);
    this.#heard.push(bytes);
    return bytes;
  }

  /** What the proxy said in place of the message that was expected, with what lies behind it. */
  quote(): string {
    const behind: unknown = this.#conn.read();
    const bytes = Buffer.concat(Buffer.isBuffer(behind) ? [...this.#heard, behind] : this.#heard);
    const line = bytes.toString('latin1', 0, QUOTED_CHARACTERS).split(/[\r\n]/, 1)[0] ?? '';
    if (/^[\x20-\x7e]{2,}$/.test(line)) return `it said "${line}".`;
    return `it sent the bytes ${bytes.toString('hex', 0, QUOTED_BYTES)}.`;
  }

  #readerOf(conn: Conn): Reader {
    return new Reader(conn, { gone: 'hop_unreachable', detail: { hop: this.#hop, reason: HUNG_UP } });
  }
}

/**
 * Runs one exchange on `conn`. Rejects with what `work` throws; with hop_protocol when the proxy answers something that can
 * not be read, hop_unreachable when it hangs up or is late; with the signal's reason when that aborts. `conn` is then gone.
 */
export async function converse<T>(
  conn: Conn,
  about: DialogueAbout,
  signal: AbortSignal,
  work: (proxy: Dialogue, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { hop, protocol, timeoutMs } = about;
  const proxy = new Dialogue(conn, hop);
  const late = (): ProxyError =>
    new ProxyError('hop_unreachable', { hop, reason: `it did not answer within ${timeoutMs / 1000} s.` });
  try {
    return await within(signal, timeoutMs === 0 ? null : timeoutMs, (inner) => work(proxy, inner), late);
  } catch (thrown) {
    const error = toProxyError(thrown, { hop });
    const unreadable =
      error.code === 'malformed' || error.code === 'version' || error.code === 'address_type';
    const reason = unreadable ? proxy.quote() : '';
    conn.destroy();
    throw unreadable ? new ProxyError('hop_protocol', { hop, protocol, reason }, { cause: error }) : error;
  } finally {
    proxy.release();
  }
}

/** Whether an exchange failed because the proxy closed the stream instead of answering. */
export function hungUp(error: unknown): boolean {
  return (
    error instanceof ProxyError && error.code === 'hop_unreachable' && error.detail['reason'] === HUNG_UP
  );
}

/**
 * `dst` as it may be put into a request: literals plain, names only if they are host names of at most 253 bytes.
 * Throws `bad_name` for anything else.
 */
export function sendable({ host, port }: Address): Address {
  if (familyOf(host) !== 0) return { host: unmap(host), port };
  if (!validName(host)) throw new ProxyError('bad_name', { host });
  return { host, port };
}
