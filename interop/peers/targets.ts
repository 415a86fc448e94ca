/**
 * Loopback targets for proxies to reach: echo over TCP and UDP, HTTP, a server that speaks first, a server that answers only
 * after the client has half-closed, and bulk transfer with digests. Each listens on 127.0.0.1 and, on the same port, on ::1.
 */
import { createHash } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { bulkBytes } from './bulk.ts';
import { portOf } from './ready.ts';

const V4 = '127.0.0.1';
const V6 = '::1';
const PORT_TRIES = 20;

/** What the banner server says first. */
export const BANNER = '220 sockeye interop ready\r\n';

/** A target: one port on both families. `hasV6` is false where the machine has no ::1. */
export interface Target {
  readonly port: number;
  readonly hasV6: boolean;
  /** Connections accepted so far (datagrams received, for UDP). */
  readonly accepted: () => number;
  readonly stop: () => Promise<void>;
}

/** Sends back every byte; half-close is answered by half-close once all is sent. */
export function startTcpEcho(): Promise<Target> {
  return startTcp((socket) => socket.pipe(socket));
}

/** Speaks first: writes BANNER at once, then echoes. */
export function startBanner(): Promise<Target> {
  return startTcp((socket) => {
    socket.write(BANNER);
    socket.pipe(socket);
  });
}

/** Reads to the client's end and only then answers `<bytes> <sha256>\n`: nothing comes back if half-close is lost. */
export function startDigestAfterEnd(): Promise<Target> {
  return startTcp((socket) => {
    const hash = createHash('sha256');
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      bytes += chunk.length;
    });
    socket.on('end', () => socket.end(`${bytes} ${hash.digest('hex')}\n`));
  });
}

/** What a client of `startDigestAfterEnd` must get back for `sent`. */
export function digestLine(sent: Uint8Array): string {
  return `${sent.length} ${createHash('sha256').update(sent).digest('hex')}\n`;
}

/** Answers GET /bytes/N with N bytes of the bulk pattern, POST / with the digest of the body, anything else with its path. */
export function startHttp(): Promise<Target> {
  return startServers(() => createHttpServer({ keepAliveTimeout: 1000 }, answerHttp));
}

/** Sends every datagram back to whoever sent it. */
export async function startUdpEcho(): Promise<Target> {
  let received = 0;
  const echo = (socket: UdpSocket): void => {
    socket.on('message', (data, from) => {
      received += 1;
      socket.send(data, from.port, from.address);
    });
  };
  for (let tries = 1; ; tries += 1) {
    const v4 = await bindUdp('udp4', V4, 0);
    const { port } = v4.address();
    const v6 = await bindUdp('udp6', V6, port).catch(refusal);
    const sockets = v6 instanceof Error ? [v4] : [v4, v6];
    if (v6 instanceof Error && isTaken(v6) && tries < PORT_TRIES) {
      await closeUdp(v4);
      continue;
    }
    sockets.forEach(echo);
    const stop = async (): Promise<void> => {
      await Promise.all(sockets.map(closeUdp));
    };
    return { port, hasV6: sockets.length === 2, accepted: () => received, stop };
  }
}

function answerHttp(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? '/';
  const [, count] = /^\/bytes\/(\d+)$/.exec(path) ?? [];
  if (count !== undefined) {
    response.setHeader('content-length', count);
    bulkBytes(Number(count)).pipe(response);
    return;
  }
  const hash = createHash('sha256');
  request.on('data', (chunk: Buffer) => hash.update(chunk));
  request.on('end', () => response.end(request.method === 'POST' ? hash.digest('hex') : path));
}

function startTcp(serve: (socket: Socket) => void): Promise<Target> {
  return startServers(() =>
    createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      socket.on('error', () => socket.destroy()); // proxies reset connections in some cells; the client sees the outcome
      serve(socket);
    }),
  );
}

/** Listens on 127.0.0.1 and ::1 with one port; another port is tried when the second family has it taken. */
async function startServers(make: () => Server): Promise<Target> {
  for (let tries = 1; ; tries += 1) {
    const v4 = await listen(make(), V4, 0);
    const port = portOf(v4);
    const v6 = await listen(make(), V6, port).catch(refusal);
    if (v6 instanceof Error && isTaken(v6) && tries < PORT_TRIES) {
      await once(v4.close(), 'close');
      continue;
    }
    const servers = v6 instanceof Error ? [v4] : [v4, v6];
    let accepted = 0;
    const open = new Set<Socket>();
    for (const server of servers) {
      server.on('connection', (socket) => {
        accepted += 1;
        open.add(socket);
        socket.once('close', () => open.delete(socket));
      });
    }
    const stop = async (): Promise<void> => {
      const closed = servers.map((server) => once(server.close(), 'close'));
      for (const socket of open) socket.destroy();
      await Promise.all(closed);
    };
    return { port, hasV6: servers.length === 2, accepted: () => accepted, stop };
  }
}

async function listen(server: Server, host: string, port: number): Promise<Server> {
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

async function bindUdp(kind: 'udp4' | 'udp6', host: string, port: number): Promise<UdpSocket> {
  const socket = createSocket(kind);
  socket.bind(port, host);
  await once(socket, 'listening');
  return socket;
}

async function closeUdp(socket: UdpSocket): Promise<void> {
  socket.close();
  await once(socket, 'close');
}

function refusal(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function isTaken(error: Error): boolean {
  return 'code' in error && error.code === 'EADDRINUSE';
}
