/** Finds a TCP port a service can listen on: the asked one, a near one, else whatever the system gives. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { toProxyError, type ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';

/** The quick service asks for this one first. */
export const USUAL_PORT = 1080;
/** Then for these, in order. */
const NEXT_PORTS = Array.from({ length: 19 }, (_, at) => 1081 + at);

/** The first port of `asked`, 1081…1099 that is free on 127.0.0.1; else one the system picks. Never a dead end. */
export async function freePort(asked: number): Promise<number> {
  for (const port of [asked, ...NEXT_PORTS]) {
    if (port <= 65_535 && (await bindable(port)) !== null) return port;
  }
  return (await bindable(0)) ?? 0;
}

/** A free port near one that is taken, for "Use 1081". */
export async function portNear(taken: number): Promise<number> {
  for (let port = taken + 1; port <= Math.min(taken + 20, 65_535); port += 1) {
    if (port >= 1024 && (await bindable(port)) !== null) return port;
  }
  return freePort(USUAL_PORT);
}

/** Listens for a moment; the port that was bound, or null when that was refused. */
async function bindable(port: number): Promise<number | null> {
  const tried = await tryListen({ host: '127.0.0.1', port });
  return typeof tried === 'number' ? tried : null; // taken, reserved or not allowed: the next one then
}

/** Listens for a moment; the port that was bound, or the system's reason against it. Host '' is every interface. Never rejects. */
export async function tryListen({ host, port }: Address): Promise<number | ProxyError> {
  const server = createServer();
  try {
    server.listen({ port, ...(host === '' ? {} : { host }), exclusive: true });
    await once(server, 'listening');
    const bound = server.address();
    return bound !== null && typeof bound !== 'string' ? bound.port : port;
  } catch (error) {
    return toProxyError(error, { host, port, owner: 'another program' });
  } finally {
    server.close();
  }
}
