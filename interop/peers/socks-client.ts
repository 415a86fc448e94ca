/** The npm `socks` package as a client: tunnels, BIND and UDP association through any SOCKS proxy. */
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { SocksClient, type SocksProxy } from 'socks';
import type { Peer } from './ready.ts';

const TIMEOUT_MS = 10_000;

export interface SocksTarget {
  readonly kind: 4 | 5;
  readonly proxy: Pick<Peer, 'host' | 'port'>;
  readonly user?: string;
  readonly password?: string;
  readonly host: string;
  readonly port: number;
}

/** A connected tunnel, paused; half-open is allowed. With kind 4 a name travels as SOCKS4a. */
export async function socksTunnel({ host, port, ...through }: SocksTarget): Promise<Socket> {
  const { socket } = await SocksClient.createConnection({
    command: 'connect',
    proxy: proxyOf(through),
    destination: { host, port },
    timeout: TIMEOUT_MS,
  });
  return settled(socket);
}

/** Resumes a tunnel and returns the next bytes that arrive. */
export async function nextBytes(socket: Socket): Promise<Buffer> {
  const arriving: Promise<unknown[]> = once(socket, 'data', { signal: AbortSignal.timeout(TIMEOUT_MS) });
  socket.resume();
  const [chunk] = await arriving;
  socket.pause();
  if (!Buffer.isBuffer(chunk)) throw new Error('a socket without encoding gives buffers');
  return chunk;
}

/** A BIND that has had its first reply. `accepted` resolves with the tunnel once somebody connects to `bound`. */
export interface SocksBinding {
  readonly bound: { readonly host: string; readonly port: number };
  readonly accepted: Promise<Socket>;
}

/** Asks the proxy to listen for one connection from `host`. */
export async function socksBind({ host, port, ...through }: SocksTarget): Promise<SocksBinding> {
  const client = new SocksClient({
    command: 'bind',
    proxy: proxyOf(through),
    destination: { host, port },
    timeout: TIMEOUT_MS,
  });
  const accepted = new Promise<Socket>((resolve, reject) => {
    client.once('established', ({ socket }) => resolve(settled(socket)));
    client.once('error', reject);
  });
  accepted.catch(() => undefined); // a refusal is thrown below already
  const first = new Promise<SocksBinding['bound']>((resolve, reject) => {
    client.once('bound', ({ remoteHost }) => {
      if (remoteHost === undefined) reject(new Error('the first reply has no address'));
      else resolve(remoteHost);
    });
    client.once('error', reject);
  });
  client.connect();
  return { bound: await first, accepted };
}

/** Sends each payload through one UDP association and returns the answers; control connection and socket end afterwards. */
export async function socksUdp(
  { host, port, ...through }: SocksTarget,
  payloads: readonly Buffer[],
): Promise<Buffer[]> {
  const socket = createSocket(through.proxy.host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, through.proxy.host);
  await once(socket, 'listening');
  const { port: own } = socket.address();
  try {
    const { control, relay } = await associate(through, own);
    const answers: Buffer[] = [];
    try {
      for (const data of payloads) {
        const answered: Promise<unknown[]> = once(socket, 'message', { signal: AbortSignal.timeout(5000) });
        socket.send(SocksClient.createUDPFrame({ remoteHost: { host, port }, data }), relay.port, relay.host);
        const [message] = await answered;
        if (!Buffer.isBuffer(message)) throw new Error('a datagram is a buffer');
        answers.push(SocksClient.parseUDPFrame(message).data);
      }
    } finally {
      control.destroy();
    }
    return answers;
  } finally {
    socket.close();
  }
}

type Through = Omit<SocksTarget, 'host' | 'port'>;

async function associate(
  through: Through,
  own: number,
): Promise<{ control: Socket; relay: { host: string; port: number } }> {
  const client = new SocksClient({
    command: 'associate',
    proxy: proxyOf(through),
    destination: { host: '0.0.0.0', port: own },
    timeout: TIMEOUT_MS,
  });
  const established = new Promise<{ control: Socket; relay: { host: string; port: number } }>(
    (resolve, reject) => {
      client.once('established', ({ socket, remoteHost }) => {
        if (remoteHost === undefined) reject(new Error('the reply has no address'));
        else resolve({ control: socket, relay: remoteHost });
      });
      client.once('error', reject);
    },
  );
  client.connect();
  return established;
}

function proxyOf({ kind, proxy, user, password }: Through): SocksProxy {
  return {
    host: proxy.host,
    port: proxy.port,
    type: kind,
    ...(user === undefined ? {} : { userId: user }),
    ...(password === undefined ? {} : { password }),
  };
}

/**
 * The package hands bytes that came with the reply to 'data' listeners one turn later and sets the socket flowing. This
 * collects what is emitted until then, pauses and puts it back: nothing is lost before the caller reads or resumes.
 */
async function settled(socket: Socket): Promise<Socket> {
  socket.allowHalfOpen = true;
  socket.setNoDelay(true);
  const early: Buffer[] = [];
  const collect = (chunk: Buffer): void => {
    early.push(chunk);
  };
  socket.on('data', collect);
  await new Promise((resolve) => setImmediate(resolve));
  socket.off('data', collect);
  socket.pause();
  if (early.length > 0) socket.unshift(Buffer.concat(early));
  return socket;
}
