/** Closing a stream whose far side is gone after it ended properly: not before its last bytes were taken. */
import type { Duplex } from 'node:stream';

/** Destroys `conn` once its reader has got everything, which `destroy` alone would throw away. */
export function afterLast(conn: Duplex): void {
  if (conn.readableEnded) conn.destroy();
  else conn.once('end', () => setImmediate(() => conn.destroy()));
}
