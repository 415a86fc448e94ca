/**
 * The client's side of a conversation, whatever its protocol: waiting for the far end without losing sight of the client,
 * and hanging up so that the last reply arrives.
 */
import { ProxyError } from '../errors.ts';
import type { Conn } from '../net/conn.ts';
import { endable, inTime } from '../net/within.ts';

/** How long a client that was refused may keep its connection open; RFC 1928 §6 allows no more than 10 s. */
const LINGER_MS = 2_000;

/**
 * Runs work that waits for somebody else while nothing is expected of the client. If the client resets its connection, or
 * finishes it where `untilFin` is set, `work` is aborted and the promise rejects with `client_gone`. Bytes the client sends
 * meanwhile stay in its stream. What `work` produces too late is `discard`ed.
 */
export function whileClientStays<T>(
  conn: Conn,
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  discard: (value: T) => void,
  options: { readonly untilFin?: boolean } = {},
): Promise<T> {
  if (conn.destroyed || (options.untilFin === true && conn.readableEnded))
    return Promise.reject(new ProxyError('client_gone'));
  const leaves = (end: (reason: Error) => void): (() => void) => {
    const onGone = (): void => end(new ProxyError('client_gone'));
    conn.once('close', onGone);
    if (options.untilFin === true) conn.once('end', onGone);
    if (conn.readableFlowing !== true) conn.read(0); // a socket that is not being read from hears of no reset
    return () => {
      conn.off('close', onGone);
      conn.off('end', onGone);
    };
  };
  return endable(parent, leaves, work, discard);
}

/**
 * Sends the last bytes, if any, and closes: at once for the client, whose own bytes are read and dropped until it has closed
 * too, since closing a socket with unread bytes would reset it and could take the reply along. Never rejects.
 */
export async function hangUp(conn: Conn, signal: AbortSignal, last?: Buffer): Promise<void> {
  if (conn.destroyed) return;
  if (last === undefined) conn.end();
  else conn.end(last);
  conn.resume();
  try {
    await inTime(signal, LINGER_MS, () => closed(conn));
  } catch {
    conn.destroy(); // it had its time, or we have to go
  }
}

/** Resolves when the stream is closed, whoever did it. */
export function closed(conn: Conn): Promise<void> {
  return new Promise((resolve) => {
    if (conn.closed) resolve();
    else conn.once('close', resolve);
  });
}
