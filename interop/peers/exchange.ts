/** Plain exchanges with an echo that is reached without SOCKS, such as behind a forwarder. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Peer } from './ready.ts';

const ANSWER_MS = 10_000;
const PROBE_MS = 20;

type Where = Pick<Peer, 'host' | 'port'>;

export interface EchoOptions {
  /** Connect again while the port is refused: for listeners that somebody opens later and does not announce. */
  readonly waitUntilOpen?: boolean;
}

/** Sends bytes and returns as many of the answer. Rejects when the connection ends before that, or after 10 s. */
export async function echoed(
  where: Where,
  sent: Uint8Array,
  { waitUntilOpen = false }: EchoOptions = {},
): Promise<Buffer> {
  const over = AbortSignal.timeout(ANSWER_MS);
  for (;;) {
    try {
      return await exchange(where, sent, over);
    } catch (error) {
      const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
      if (!waitUntilOpen || !refused || over.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
  }
}

/** Sends datagrams one by one, each after the answer to the one before, and returns the answers. */
export async function echoedDatagrams({ host, port }: Where, payloads: readonly Buffer[]): Promise<Buffer[]> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const answers: Buffer[] = [];
  try {
    for (const payload of payloads) {
      const answered: Promise<unknown[]> = once(socket, 'message', {
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      socket.send(payload, port, host);
      const [message] = await answered;
      if (!Buffer.isBuffer(message)) throw new Error('a datagram is a buffer');
      answers.push(message);
    }
  } finally {
    socket.close();
  }
  return answers;
}

/** Asks until the first answer: GOST does not say when a UDP port at the far end is open. Rejects after 10 s. */
export async function untilAnswered({ host, port }: Where): Promise<void> {
  const socket = createSocket('udp4');
  const ask = setInterval(() => socket.send('?', port, host), PROBE_MS);
  try {
    await once(socket, 'message', { signal: AbortSignal.timeout(ANSWER_MS) });
  } finally {
    clearInterval(ask);
    socket.close();
  }
}

async function exchange({ host, port }: Where, sent: Uint8Array, over: AbortSignal): Promise<Buffer> {
  const socket = connect(port, host);
  const late = (): void => {
    socket.destroy(new Error(`no whole answer from port ${port} in ${ANSWER_MS} ms`));
  };
  over.addEventListener('abort', late, { once: true });
  try {
    socket.write(sent);
    let received = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      if (received.length >= sent.length) return received;
    }
    throw new Error(`port ${port} ended after ${received.length} of ${sent.length} bytes`);
  } finally {
    over.removeEventListener('abort', late);
    socket.destroy();
  }
}
