/** The server's end of a connection, played by a test in front of one of our clients. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import type { Conn } from '../net/conn.ts';
import { open, take } from './client.ts';
import { tcpPeer } from './echo.ts';

/** A connection to a server that the test plays; both ends are closed afterwards. */
export async function withServer(work: (conn: Conn, server: Socket) => Promise<void>): Promise<void> {
  const accepted: Socket[] = [];
  const peer = await tcpPeer((socket) => void accepted.push(socket));
  const conn = await open(peer.address);
  conn.on('error', () => undefined);
  try {
    while (accepted.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const [server] = accepted;
    assert.ok(server !== undefined);
    await work(conn, server);
  } finally {
    conn.destroy();
    await peer.close();
  }
}

export async function hears(server: Socket, hex: string): Promise<void> {
  assert.equal((await take(server, hex.length / 2)).toString('hex'), hex);
}

export function says(server: Socket, hex: string): void {
  server.write(Buffer.from(hex, 'hex'));
}

/** Says frames one by one, as far apart as the loop's turns, so that they arrive split as they were recorded. */
export async function saysApart(server: Socket, frames: readonly string[]): Promise<void> {
  for (const hex of frames) {
    says(server, hex);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
