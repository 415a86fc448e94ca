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

/** Destroys the stream, by reset where its transport has one. What is not sent yet is thrown away. */
export function reset(conn: Conn): void {
  const below = carriers.get(conn);
  if (below !== undefined) {
    // a stream inside shuts the socket down by its handle, of which the socket itself knows nothing
    if (shutsDown(conn)) below.destroy();
    else reset(below);
    setImmediate(() => conn.destroy()); // not in the turn that closed what it writes to: Node 20 may crash
  } else if (conn instanceof Socket && canReset(conn)) {
    resetNow(conn);
  } else {
    conn.destroy();
  }
}

/**
 * Whether a stream that seems to have ended was reset. libuv tells a reset that arrives behind data as an end; the system,
 * however, forgets the peer of a reset connection. Only tells resets of streams whose own side has not ended yet: when both
 * have, the system has forgotten the peer of a proper connection as well.
 */
export function wasReset(conn: Conn): boolean {
  if (conn.writableEnded) return false;
  const below = carriers.get(conn);
  if (below !== undefined) return wasReset(below);
  const handle: unknown = conn instanceof Socket ? Reflect.get(conn, '_handle') : null;
  return knowsPeer(handle) && handle.getpeername({}) < 0;
}

/** The part of Node's undocumented handle that is asked; `remoteAddress` would answer from its memory. */
interface PeerHandle {
  getpeername(out: object): number;
}

function knowsPeer(handle: unknown): handle is PeerHandle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'getpeername' in handle &&
    typeof handle.getpeername === 'function'
  );
}

/** The system refuses to reset a socket in the middle of its own shut-down, and Node would then leak it. */
function canReset(socket: Socket): boolean {
  return !socket.destroyed && !socket.connecting && !shutsDown(socket);
}

function shutsDown(conn: Conn): boolean {
  return conn.writableEnded && !conn.writableFinished;
}

/**
 * `resetAndDestroy` alone first waits until everything is written and says a proper end, both through `destroySoon`: a peer
 * that takes nothing would hold the socket for ever, and one that does would see the end before the reset.
 */
function resetNow(socket: Socket): void {
  socket.destroySoon = () => void socket.destroy();
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy(); // a local socket or a pipe: there is no reset
  }
}
