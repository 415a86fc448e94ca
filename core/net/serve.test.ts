import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { openPort } from './serve.ts';

/** Peers that come at once; more than Node's own queue of 511 takes, fewer than Linux allows by itself. */
const BURST = 1500;

describe('openPort', () => {
  test(
    'lets as many peers wait as the system allows',
    { skip: somaxconn() < BURST ? `the system allows only ${somaxconn()} waiting peers` : false },
    async () => {
      const accepted: Socket[] = [];
      const port = await openPort({ host: '127.0.0.1', port: 0 }, (socket) => accepted.push(socket));
      const peers = Array.from({ length: BURST }, () => connect(port.local).on('error', () => undefined));
      // nothing can be accepted in this turn, so that all of them wait in the system's queue
      await new Promise((resolve) => process.nextTick(resolve));
      const started = performance.now();
      let waiting = 0;
      while (waiting < BURST && performance.now() - started < 2000) waiting = queueLength(port.local.port);

      port.close();
      await port.closed;
      for (const socket of [...accepted, ...peers]) socket.destroy();
      assert.equal(waiting, BURST, 'a peer that finds no place tries again after a second');
    },
  );
});

/** Accepted by the system, not yet by the program: the receive queue of the listening socket. */
function queueLength(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, at, , state, queues] = line.trim().split(/\s+/);
    if (at === local && state === '0A') return Number.parseInt(queues?.split(':')[1] ?? '0', 16);
  }
  return 0;
}

function somaxconn(): number {
  if (process.platform !== 'linux') return 0;
  return Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'));
}
