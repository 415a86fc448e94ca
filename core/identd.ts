/**
 * Asks the identity server of a client's computer who owns a connection: RFC 1413. Used by SOCKS4 when a service wants the
 * user id confirmed. The question goes straight from the address the client connected to, never through a chain, because
 * the other side answers only about connections between exactly these two addresses.
 */
import { connect } from 'node:net';
import { ProxyError, toProxyError } from './errors.ts';
import type { Address } from './net/conn.ts';
import { Reader } from './net/reader.ts';
import { within } from './net/within.ts';

const IDENT_PORT = 113;
const DEADLINE_MS = 5_000;
/** RFC 1413 §6: a line has at most 1,000 characters. */
const LINE_BYTES = 1_000;
const LF = 0x0a;

/** The connection that is asked about, seen from us. */
export interface Ownership {
  readonly client: Address;
  readonly local: Address;
  /** Where the identity server listens; another one only in tests. */
  readonly identPort?: number;
}

/**
 * The user id that the client's computer names, as its bytes. Rejects with `identd_unreachable` when there is no answer
 * within 5 s and with `identd_mismatch` when the answer is an error or about another connection.
 */
export async function askIdentd(
  { client, local, identPort }: Ownership,
  signal: AbortSignal,
): Promise<Buffer> {
  const unreachable = (cause?: unknown): ProxyError =>
    new ProxyError('identd_unreachable', { client: client.host }, { cause });
  const socket = connect({ host: client.host, port: identPort ?? IDENT_PORT, localAddress: local.host });
  socket.on('error', () => undefined);
  try {
    const line = await within(
      signal,
      DEADLINE_MS,
      async () => {
        const reader = new Reader(socket, {
          gone: 'identd_unreachable',
          malformed: 'identd_unreachable',
          detail: { client: client.host },
        });
        socket.write(`${client.port} , ${local.port}\r\n`);
        return reader.readUntil(LF, LINE_BYTES);
      },
      unreachable,
    );
    const userId = parseAnswer(line, client, local);
    if (userId === null) throw new ProxyError('identd_mismatch', { client: client.host });
    return userId;
  } catch (error) {
    const known = toProxyError(error);
    if (known.code === 'identd_mismatch' || signal.aborted) throw known;
    throw unreachable(error);
  } finally {
    socket.destroy();
  }
}

/**
 * `<port>, <port> : USERID : <system>[, <charset>] : <user id>`; null for anything else. White space around the user id's
 * colon is part of the id by RFC 1413, but every server writes one blank there, so leading blanks are dropped.
 */
function parseAnswer(line: Buffer, client: Address, local: Address): Buffer | null {
  const text = line.toString('latin1').replace(/\r$/, '');
  const match = /^\s*(\d+)\s*,\s*(\d+)\s*:\s*USERID\s*:[^:]*:[ \t]*(.*)$/is.exec(text);
  if (match === null || Number(match[1]) !== client.port || Number(match[2]) !== local.port) return null;
  return Buffer.from(match[3] ?? '', 'latin1');
}
