/**
 * A port of this computer that answers no connection attempt at all: a process that listens, stops running, and has its
 * queue of new connections filled. What a dead host looks like, without leaving the computer. For tests.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Address } from '../net/conn.ts';

const LISTEN_AND_STOP = `
  const server = require('node:net').createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;
/** A connection attempt that took longer than this on loopback was not answered. */
const UNANSWERED_MS = 150;

export interface SilentPort {
  readonly address: Address;
  close(): Promise<void>;
}

export async function silentPort(): Promise<SilentPort> {
  const child = spawn(process.execPath, ['-e', LISTEN_AND_STOP], { stdio: ['ignore', 'pipe', 'inherit'] });
  const first: unknown[] = await once(child.stdout, 'data');
  const address = { host: '127.0.0.1', port: Number(String(first[0])) };
  const queued: Socket[] = [];
  for (let answered = true; answered;) {
    const socket = connect(address.port, address.host);
    socket.on('error', () => undefined);
    queued.push(socket);
    answered = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), UNANSWERED_MS);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
  return {
    address,
    close: async () => {
      for (const socket of queued) socket.destroy();
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
