/** The other ends of real traffic: echo servers, a web server, a port nobody listens on, and small SOCKS clients. */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createWebServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SocksClient } from 'socks';

export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface Peer extends Place {
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** How long somebody else may have a port that is to be held, and how often it is tried. */
const HOLD_MS = 25_000;
const HOLD_EVERY_MS = 20;

export async function tcpEcho(): Promise<Peer> {
  return listening(createServer((socket) => socket.on('error', () => undefined).pipe(socket)));
}

/** Answers every request with "hello". */
export async function webServer(): Promise<Peer> {
  return listening(createWebServer((_, response) => response.end('hello')));
}

async function listening(server: Server): Promise<Peer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  return {
    host: HOST,
    port: portOf(server.address()),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export async function udpEcho(): Promise<Peer> {
  const socket = createSocket('udp4');
  socket.on('message', (data, from) => socket.send(data, from.port, from.address));
  socket.bind(0, HOST);
  await once(socket, 'listening');
  return { host: HOST, port: socket.address().port, close: () => closeDatagrams(socket) };
}

/** Below every system's range of ports for outgoing connections, so that no other test's connection comes to sit on one meanwhile. */
const STEADY_PORTS = { from: 12_000, count: 18_000 } as const;

/** A port that is free and stays so until somebody asks for it by number: connecting to it is refused. */
export async function deadPort(): Promise<number> {
  for (;;) {
    const port = STEADY_PORTS.from + Math.floor(Math.random() * STEADY_PORTS.count);
    const server = createServer();
    server.listen(port, HOST);
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Holds a port, as another program would. Already held by somebody is as good. */
export async function hold(port: number): Promise<() => Promise<void>> {
  const server = createServer();
  const until = Date.now() + HOLD_MS;
  for (;;) {
    server.listen(port, HOST);
    try {
      await once(server, 'listening');
      break;
    } catch {
      // a test beside this one may have it, and give it back when nobody expects it; who keeps it is as good as we are
      if (Date.now() > until) return () => Promise.resolve();
      await sleep(HOLD_EVERY_MS);
    }
  }
  return async () => {
    server.close();
    await once(server, 'close');
  };
}

/** A SOCKS5 proxy that says yes to every target and plays it: what is sent comes back. */
export async function anywhere(): Promise<Peer> {
  const server = createServer((socket) => {
    const answers = [Buffer.from([5, 0]), Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])];
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => socket.write(answers.shift() ?? bytes));
  });
  return listening(server);
}

/** A connection through a SOCKS5 proxy. */
export async function connectThrough(
  proxy: Place,
  target: Place,
  who?: { user: string; password: string },
): Promise<Socket> {
  const { socket } = await SocksClient.createConnection({
    proxy: { ...proxy, type: 5, ...(who === undefined ? {} : { userId: who.user, password: who.password }) },
    command: 'connect',
    destination: { ...target },
  });
  return socket;
}

export interface UdpClient {
  /** Sends one datagram through the association and resolves with the answer. */
  ask(target: Place, text: string): Promise<string>;
  close(): Promise<void>;
}

export async function associateThrough(proxy: Place): Promise<UdpClient> {
  const asking = new SocksClient({
    proxy: { ...proxy, type: 5 },
    command: 'associate',
    destination: { host: '0.0.0.0', port: 0 },
  });
  const established = new Promise<{ socket: Socket; remoteHost?: Place | undefined }>((resolve, reject) => {
    asking.once('established', resolve);
    asking.once('error', reject);
  });
  asking.connect();
  const { socket: control, remoteHost } = await established;
  if (remoteHost === undefined) throw new Error('the proxy named no relay');
  const socket = createSocket('udp4');
  socket.bind(0, HOST);
  await once(socket, 'listening');
  return {
    ask: async (target, text) => {
      const answer = once(socket, 'message');
      const frame = SocksClient.createUDPFrame({ remoteHost: { ...target }, data: Buffer.from(text) });
      socket.send(frame, remoteHost.port, remoteHost.host);
      const [data] = (await answer) as [Buffer];
      return SocksClient.parseUDPFrame(data).data.toString();
    },
    close: async () => {
      control.destroy();
      await closeDatagrams(socket);
    },
  };
}

async function closeDatagrams(socket: DatagramSocket): Promise<void> {
  socket.close();
  await once(socket, 'close');
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
