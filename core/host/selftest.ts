/**
 * Proves that a service serves: a real client on its real port, greeting → CONNECT → UDP ASSOCIATE, against echo servers of our own.
 * Needs no internet. A service that sends its traffic through a chain is only greeted: our loopback is not the chain's.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { TestStep } from '../contract/api.ts';
import { toProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import { within } from '../net/within.ts';
import { COMMAND } from '../socks/constants.ts';
import { decodeDatagram, encodeDatagramHeader } from '../socks/datagram.ts';
import { loopbackEcho } from './loopback-echo.ts';
import {
  ask,
  refused,
  relayAddress,
  withClient,
  type TestClient,
  type TestedService,
} from './test-client.ts';

const STEP_MS = 5000;
const PROBE_BYTES = 32;

export interface TestSubject extends TestedService {
  readonly udp: boolean;
  /** True: it has a chain, so only the greeting can be tested. */
  readonly chained: boolean;
}

/** Runs the steps in order and stops at the first that fails. Never rejects: failures are in the steps. */
export async function selfTest(subject: TestSubject, signal: AbortSignal): Promise<TestStep[]> {
  const echo = await loopbackEcho();
  const steps: TestStep[] = [];
  const step = async (
    name: TestStep['name'],
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<boolean> => {
    const started = performance.now();
    const error = await within(signal, STEP_MS, work).then(
      () => null,
      (failure: unknown) =>
        toProxyError(failure, { target: `The service ${subject.service}`, side: 'The service' }),
    );
    const ms = Math.round((performance.now() - started) * 10) / 10;
    steps.push({ name, ok: error === null, ms, error: error?.toWire() ?? null });
    return error === null;
  };
  try {
    const greeted = await step('greeting', (within) => withClient(subject, within, () => Promise.resolve()));
    if (!greeted || subject.chained) return steps;
    const connected = await step('connect', (within) =>
      withClient(subject, within, (client) => tcpRound(client, echo.tcp)),
    );
    if (!connected || !subject.udp) return steps;
    await step('udp', (within) => withClient(subject, within, (client) => udpRound(client, echo.udp)));
    return steps;
  } finally {
    echo.close();
  }
}

async function tcpRound(client: TestClient, target: Address): Promise<void> {
  await ask(client, COMMAND.CONNECT, target);
  const probe = randomBytes(PROBE_BYTES);
  client.socket.write(probe);
  const answer = await client.reader.read(probe.length);
  if (!answer.equals(probe)) throw refused(client.subject, 'it changed the bytes of the test.');
}

async function udpRound(client: TestClient, target: Address): Promise<void> {
  const relay = await ask(client, COMMAND.UDP_ASSOCIATE, { host: '0.0.0.0', port: 0 });
  const to = relayAddress(client.subject, relay);
  const socket = createSocket(to.host.includes(':') ? 'udp6' : 'udp4');
  const close = (): void => void socket.close();
  client.signal.addEventListener('abort', close, { once: true });
  try {
    const probe = randomBytes(PROBE_BYTES);
    socket.send(Buffer.concat([encodeDatagramHeader(target), probe]), to.port, to.host);
    const [bytes] = (await once(socket, 'message', { signal: client.signal })) as unknown[]; // what `once` gives is untyped
    const datagram = Buffer.isBuffer(bytes) ? decodeDatagram(bytes) : null;
    if (datagram === null || !Buffer.isBuffer(bytes) || !bytes.subarray(datagram.payloadAt).equals(probe))
      throw refused(client.subject, 'it changed the datagram of the test.');
  } finally {
    client.signal.removeEventListener('abort', close);
    if (!client.signal.aborted) socket.close();
  }
}
