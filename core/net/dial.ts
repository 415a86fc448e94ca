/** Connecting to one of several addresses of a host: "happy eyeballs" (RFC 8305) with the addresses taking turns by family. */
import type { Socket } from 'node:net';
import { ProxyError, toProxyError } from '../errors.ts';
import { familyOf } from './address.ts';
import { connectReadable } from './intake.ts';
import { abortReason } from './within.ts';

/** The next address is tried beside the ones before after this long, or at once when the last one failed. */
const STAGGER_MS = 250;
const ONCE = { once: true };

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
  const [only] = hosts;
  if (only !== undefined && hosts.length === 1) return connectTo(only, port, target, signal);
  return race(interleave(hosts), port, target, signal);
}

function race(queue: string[], port: number, target: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortReason(signal));
    const dialling = new AbortController();
    let open = 0;
    let failure: unknown = null;
    let timer: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      dialling.abort(new ProxyError('aborted'));
    };
    const onAbort = (): void => {
      settle();
      reject(abortReason(signal));
    };
    const next = (): void => {
      clearTimeout(timer);
      const host = queue.shift();
      if (host === undefined) return;
      open += 1;
      connectTo(host, port, target, dialling.signal).then(
        (socket) => {
          if (dialling.signal.aborted) return void socket.destroy();
          settle();
          resolve(socket);
        },
        (error: unknown) => {
          open -= 1;
          if (dialling.signal.aborted) return;
          failure ??= error;
          if (queue.length > 0) return next();
          if (open > 0) return;
          settle();
          reject(toProxyError(failure));
        },
      );
      if (queue.length > 0) timer = setTimeout(next, STAGGER_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    next();
  });
}

/** One address. What is left on the socket afterwards is somebody who hears its errors. */
function connectTo(host: string, port: number, target: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortReason(signal));
    const startedAt = performance.now();
    const socket = connectReadable({
      host,
      port,
      allowHalfOpen: true,
      noDelay: true,
      autoSelectFamily: false,
    });
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort);
      socket.on('error', ignore);
      socket.off('error', onError);
      socket.off('connect', onConnect);
    };
    const onAbort = (): void => {
      settle();
      socket.destroy();
      reject(abortReason(signal));
    };
    const onError = (error: Error): void => {
      settle();
      reject(toProxyError(error, { target, seconds: Math.round((performance.now() - startedAt) / 1000) }));
    };
    const onConnect = (): void => {
      settle();
      resolve(socket);
    };
    signal.addEventListener('abort', onAbort, ONCE);
    socket.on('error', onError);
    socket.on('connect', onConnect);
  });
}

function ignore(): void {}

/** Both families taking turns, the preferred one first. */
function interleave(hosts: readonly string[]): string[] {
  const preferred = familyOf(hosts[0] ?? '');
  const first = hosts.filter((host) => familyOf(host) === preferred);
  const second = hosts.filter((host) => familyOf(host) !== preferred);
  const paired = first.flatMap((host, index) => [host, ...second.slice(index, index + 1)]);
  return [...paired, ...second.slice(first.length)];
}
