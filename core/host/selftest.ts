/**
 * Proves that a service serves: a real client on its real port, greeting → CONNECT → UDP ASSOCIATE, against echo servers of our own.
 * Needs no internet. A service that sends its traffic through a chain is only greeted: our loopback is not the chain's.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestStep } from '../contract/api.ts';
import { ProxyError, toProxyError } from '../errors.ts';
import { isUnspecified, unmap } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import { Reader } from '../net/reader.ts';
import { within } from '../net/within.ts';
import type { Credentials } from '../roles.ts';
import { COMMAND, METHOD, REP, SIGN_IN } from '../socks/constants.ts';
import { decodeDatagram, encodeDatagramHeader } from '../socks/datagram.ts';
import { readMessage } from '../socks/message.ts';
import {
  decodeMethod,
  decodeReply,
  decodeSignInStatus,
  encodeGreeting,
  encodeRequest,
  encodeSignIn,
} from '../socks/v5.ts';
import { loopbackEcho } from './loopback-echo.ts';

const STEP_MS = 5000;
const PROBE_BYTES = 32;

export interface TestSubject {
  readonly service: string;
  /** Where the service listens, as read back. */
  readonly address: Address;
  readonly user: Credentials | null;
  readonly udp: boolean;
  /** True: it has a chain, so only the greeting can be tested. */
  readonly chained: boolean;
  /** Told the address of each connection of the test before the service sees it; what it returns is called when that one has ended. */
  readonly unrecorded: (client: Address) => () => void;
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

/** A client that has greeted and signed in. */
interface Client {
  readonly subject: TestSubject;
  readonly socket: Socket;
  readonly reader: Reader;
  readonly signal: AbortSignal;
}

async function withClient(
  subject: TestSubject,
  signal: AbortSignal,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const socket = connect({ ...reachable(subject.address), noDelay: true });
  socket.on('error', () => undefined); // the reader or the connect below rejects with it
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  const connected = once(socket, 'connect');
  // The connect was issued in the tick just queued: the port is ours now, and no accept has been dispatched yet.
  await new Promise((resolve) => process.nextTick(resolve));
  const { localAddress, localPort } = socket;
  const recorded =
    localAddress === undefined || localPort === undefined
      ? null
      : subject.unrecorded({ host: unmap(localAddress), port: localPort });
  try {
    await connected;
    const reader = new Reader(socket, {
      gone: 'hop_unreachable',
      detail: { hop: subject.service, reason: 'it hung up.' },
    });
    const client = { subject, socket, reader, signal };
    await greet(client);
    await work(client);
  } finally {
    signal.removeEventListener('abort', abort);
    recorded?.();
    socket.destroy();
  }
}

async function greet({ subject, socket, reader }: Client): Promise<void> {
  const { user } = subject;
  socket.write(encodeGreeting([user === null ? METHOD.NONE : METHOD.USER_PASSWORD]));
  const method = await readMessage(reader, decodeMethod);
  if (method === METHOD.UNACCEPTABLE) throw refused(subject, 'it accepts no sign-in method of this test.');
  if (user === null) return;
  socket.write(encodeSignIn(user.username, user.password));
  if ((await readMessage(reader, decodeSignInStatus)) !== SIGN_IN.SUCCESS)
    throw new ProxyError('hop_auth', { hop: subject.service });
}

async function request({ subject, socket, reader }: Client, command: number, dst: Address): Promise<Address> {
  socket.write(encodeRequest({ command, dst }));
  const { rep, bound } = await readMessage(reader, decodeReply);
  if (rep !== REP.SUCCEEDED) throw refused(subject, `it refused the test with code ${rep}.`);
  return bound;
}

async function tcpRound(client: Client, target: Address): Promise<void> {
  await request(client, COMMAND.CONNECT, target);
  const probe = randomBytes(PROBE_BYTES);
  client.socket.write(probe);
  const answer = await client.reader.read(probe.length);
  if (!answer.equals(probe)) throw refused(client.subject, 'it changed the bytes of the test.');
}

async function udpRound(client: Client, target: Address): Promise<void> {
  const relay = await request(client, COMMAND.UDP_ASSOCIATE, { host: '0.0.0.0', port: 0 });
  const to = isUnspecified(relay.host) ? { ...reachable(client.subject.address), port: relay.port } : relay;
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

function refused(subject: TestSubject, reason: string): ProxyError {
  return new ProxyError('hop_refused', { hop: subject.service, reason });
}

/** Where a client on this computer reaches a port that is bound to every interface. */
function reachable({ host, port }: Address): Address {
  if (!isUnspecified(host)) return { host, port };
  return { host: host.includes(':') ? '::1' : '127.0.0.1', port };
}
