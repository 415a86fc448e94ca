/** Reading from a socket in a test: exact bytes, everything up to the end, and whether it ended or broke. */
import type { Socket } from 'node:net';

/** Everything until the other side ended; `broken` when it reset the connection instead. */
export async function rest(socket: Socket): Promise<{ readonly bytes: Buffer; readonly broken: boolean }> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const broken = await new Promise<boolean>((resolve) => {
    if (socket.readableEnded) resolve(false);
    if (socket.destroyed) resolve(true);
    socket.once('end', () => resolve(false));
    socket.once('error', () => resolve(true));
    socket.resume();
  });
  return { bytes: Buffer.concat(chunks), broken };
}

/** Resolves when the other side closed the connection, properly or not. */
export function gone(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  socket.once('end', () => socket.end());
  socket.resume();
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}
