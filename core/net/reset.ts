/**
 * Ending a stream so that its peer sees it was cut short: a TCP reset, never a clean end. For a stream inside another one
 * (TLS) the reset happens to the socket below, which whoever made the stream tells with `carriedBy`.
 */
import { Socket } from 'node:net';
import type { Conn } from './conn.ts';

const carriers = new WeakMap<Conn, Conn>();

/** Notes that `conn` travels inside `below`. */
export function carriedBy(conn: Conn, below: Conn): void {
  carriers.set(conn, below);
}

/** Destroys the stream by reset where its transport has one. */
export function reset(conn: Conn): void {
  const below = carriers.get(conn);
  if (below !== undefined) {
    reset(below);
    conn.destroy();
  } else if (conn instanceof Socket && !conn.destroyed && !conn.connecting) {
    conn.resetAndDestroy();
  } else {
    conn.destroy();
  }
}
