/**
 * The two echo servers a self-test talks to through the service under test: on loopback, on free ports, open only as long as the test
 * runs, and of no use to anybody else (they send back what they are sent, a little of it).
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Address } from '../net/conn.ts';

/** More than a self-test ever sends. */
const MAX_BYTES = 4096;

export interface LoopbackEcho {
  readonly tcp: Address;
  readonly udp: Address;
  close(): void;
}

/** Opens both on 127.0.0.1. */
export async function loopbackEcho(): Promise<LoopbackEcho> {
  const host = '127.0.0.1';
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) socket.destroy();
      else socket.write(chunk);
    });
    socket.on('error', () => undefined); // its close is all there is to know
    socket.on('close', () => open.delete(socket));
  });
  server.maxConnections = 4;
  const datagrams = createSocket('udp4');
  datagrams.on('message', (data, from) => datagrams.send(data, from.port, from.address));
  datagrams.on('error', () => undefined); // the test then times out and says so
  server.listen(0, host);
  datagrams.bind(0, host);
  await Promise.all([once(server, 'listening'), once(datagrams, 'listening')]);
  const bound = server.address();
  const port = bound !== null && typeof bound !== 'string' ? bound.port : 0;
  return {
    tcp: { host, port },
    udp: { host, port: datagrams.address().port },
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
      datagrams.close();
    },
  };
}
