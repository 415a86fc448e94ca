/** Connecting to one of several addresses of a host: "happy eyeballs" (RFC 8305) with the addresses taking turns by family. */
import type { Socket } from 'node:net';
import { toProxyError, type ProxyError } from '../errors.ts';
import { familyOf } from './address.ts';
import { connectReadable } from './intake.ts';
import { abortReason } from './within.ts';

/** The next address is tried beside the ones before after this long, or at once when the last one failed. */
const STAGGER_MS = 250;

/**
 * Dials `hosts` (literals) in turn; the first that connects wins, the others are destroyed. Rejects with the error of the
 * preferred address when all failed, or with the reason of the signal; no socket is left then.
 */
export function dial(
  hosts: readonly string[],
  port: number,
  target: string,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortReason(signal));
    const queue = interleave(hosts);
    const dialling = new Set<Socket>();
    let failure: ProxyError | null = null;
    let timer: NodeJS.Timeout | undefined;
    const startedAt = performance.now();
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      for (const socket of dialling) socket.destroy();
    };
    const onAbort = (): void => {
      settle();
      reject(abortReason(signal));
    };
    const next = (): void => {
      clearTimeout(timer);
      const host = queue.shift();
      if (host === undefined) return;
      const socket = connectReadable({
        host,
        port,
        allowHalfOpen: true,
        noDelay: true,
        autoSelectFamily: false,
      });
      dialling.add(socket);
      socket.on('error', (error) => {
        if (!dialling.delete(socket)) return;
        failure ??= toProxyError(error, {
          target,
          seconds: Math.round((performance.now() - startedAt) / 1000),
        });
        if (queue.length > 0) return next();
        if (dialling.size > 0) return;
        settle();
        reject(failure);
      });
      socket.once('connect', () => {
        dialling.delete(socket);
        settle();
        resolve(socket);
      });
      if (queue.length > 0) timer = setTimeout(next, STAGGER_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    next();
  });
}

/** Both families taking turns, the preferred one first. */
function interleave(hosts: readonly string[]): string[] {
  const preferred = familyOf(hosts[0] ?? '');
  const first = hosts.filter((host) => familyOf(host) === preferred);
  const second = hosts.filter((host) => familyOf(host) !== preferred);
  const paired = first.flatMap((host, index) => [host, ...second.slice(index, index + 1)]);
  return [...paired, ...second.slice(first.length)];
}
