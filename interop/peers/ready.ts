/**
 * When a peer is ready: free ports to give it, and waiting until it accepts or says so. Waiting ends early, with the peer's
 * own last words, when the peer ends.
 */
import { randomInt } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { Program } from './process.ts';

const READY_MS = 15_000;
const PROBE_MS = 10;
const LOWEST_PORT = 10_240;
const HIGHEST_PORT = 32_000;
const PORT_TRIES = 20;

/** A proxy or server of the tests: where it listens, what it said, how to end it. */
export interface Peer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `host:port`, IPv6 in brackets. */
  readonly address: string;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** Writes host and port as one address. */
export function addressOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * A port that was free a moment ago, for programs that can not choose one themselves. It lies below the range from which
 * systems serve port 0 and outgoing connections: a port from that range is given to somebody else before the peer binds it,
 * about once in a thousand on a busy machine, and the test then talks to a stranger.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    const server = createServer();
    try {
      server.listen(port, host);
      await once(server, 'listening');
      server.close();
      await once(server, 'close');
      return port;
    } catch (error) {
      if (tries === PORT_TRIES) throw error;
    }
  }
}

/** The port a listening server has. */
export function portOf(server: Server): number {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server does not listen on a port');
  return bound.port;
}

/**
 * Makes a peer of a program that was told to listen on host:port: resolves when it accepts a connection there. If the
 * program ends first or takes over 15 s it is stopped, and the error carries the end of its output.
 */
export async function peerOn(program: Program, host: string, port: number): Promise<Peer> {
  await settle(program, accepts(host, port));
  return {
    name: program.name,
    host,
    port,
    address: addressOf(host, port),
    log: program.log,
    stop: program.stop,
  };
}

/** Waits for `readiness`, which is told when to give up; stops the program and explains if it does not come. */
export async function settle<T>(program: Program, readiness: (over: AbortSignal) => Promise<T>): Promise<T> {
  const giveUp = new AbortController();
  const ended = program.exited.then(({ code, signal }) => {
    throw new Error(`it ended with ${signal ?? `code ${String(code)}`} before it was ready`);
  });
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`it was not ready after ${READY_MS} ms`)), READY_MS);
    giveUp.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
  try {
    return await Promise.race([readiness(giveUp.signal), ended, late]);
  } catch (error) {
    await program.stop();
    throw new Error(
      `${program.name}: ${error instanceof Error ? error.message : String(error)}\n${program.log()}`,
    );
  } finally {
    giveUp.abort();
    ended.catch(() => undefined);
    late.catch(() => undefined);
  }
}

/** Tries to connect until it works. Third-party servers do not say when they listen, so asking is all there is. */
function accepts(host: string, port: number): (over: AbortSignal) => Promise<void> {
  return async (over) => {
    while (!over.aborted && !(await canConnect(host, port))) {
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
  };
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
