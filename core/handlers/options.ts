/** Options that several handlers have, written once. */
import { duration } from '../options.ts';

const HANDSHAKE_MS = 15_000;

export const readTimeout = duration({
  title: 'Time for the request',
  description:
    'A client has this long, from its first byte on the port to the end of its request. 0 means the default of 15 s.',
  defaultMs: HANDSHAKE_MS,
});

/** The deadline an options value stands for; GOST too reads 0 as the default, never as "no limit". */
export function handshakeMs(options: { readonly readTimeout: number }): number {
  return options.readTimeout === 0 ? HANDSHAKE_MS : options.readTimeout;
}
