/** The polite end of a transport. */
import type { Duplex } from 'node:stream';

/** How long the transport may flush and the peer may answer before it is destroyed. */
const LINGER_MS = 1_000;

/** Flushes and half-closes, then discards what still comes in until the peer ends too, so that it gets our last bytes and no RST. */
export function lingerThenDestroy(transport: Duplex): void {
  if (transport.destroyed) return;
  const timer = setTimeout(() => transport.destroy(), LINGER_MS);
  timer.unref();
  transport.once('close', () => clearTimeout(timer));
  transport.end(() => {
    if (transport.readableEnded) transport.destroy();
  });
  transport.once('end', () => {
    if (transport.writableFinished) transport.destroy();
  });
  transport.on('data', () => undefined);
  transport.resume();
}
