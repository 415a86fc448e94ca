/** Echo servers on a free port of this computer, for tests. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Address } from '../net/conn.ts';

export interface Echo {
  readonly address: Address;
  close(): Promise<void>;
}

export interface TcpPeer extends Echo {
  /** Connections accepted so far. */
  readonly accepted: number;
}

/** A TCP server on `host`; every connection goes to `serve` with half-close allowed. */
export async function tcpPeer(
  serve: (socket: Socket) => void,
  host = '127.0.0.1',
  port = 0,
): Promise<TcpPeer> {
  const open = new Set<Socket>();
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    accepted += 1;
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    serve(socket);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not a TCP server');
  return {
    address: { host, port: bound.port },
    get accepted() {
      return accepted;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** Sends back every byte and ends when its client has ended. */
export function tcpEcho(host?: string): Promise<TcpPeer> {
  return tcpPeer((socket) => void socket.pipe(socket), host);
}

/** Sends back every datagram whole. */
export async function udpEcho(host = '127.0.0.1'): Promise<Echo> {
  const socket = createSocket({
    type: host.includes(':') ? 'udp6' : 'udp4',
    recvBufferSize: 1 << 20,
    sendBufferSize: 1 << 20,
  });
  socket.on('error', () => undefined);
  socket.on('message', (data, from) => socket.send(data, from.port, from.address));
  socket.bind(0, host);
  await once(socket, 'listening');
  return {
    address: { host, port: socket.address().port },
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
