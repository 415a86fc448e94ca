/**
 * A small SOCKS5 client for the tests of our own services: connects to the service as any program does, signs in, asks. Its connection
 * leaves no trace in the statistics.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ProxyError } from '../errors.ts';
import { isUnspecified, unmap } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import { abortReason } from '../net/within.ts';
import { Reader } from '../net/reader.ts';
import type { Credentials } from '../roles.ts';
import { METHOD, REP, SIGN_IN } from '../socks/constants.ts';
import { readMessage } from '../socks/message.ts';
import {
  decodeMethod,
  decodeReply,
  decodeSignInStatus,
  encodeGreeting,
  encodeRequest,
  encodeSignIn,
} from '../socks/v5.ts';

/** The service a test client talks to. */
export interface TestedService {
  readonly service: string;
  /** Where the service listens, as read back. */
  readonly address: Address;
  readonly user: Credentials | null;
  /** Told the address of each connection of the test before the service sees it; what it returns is called when that one has ended. */
  readonly unrecorded: (client: Address) => () => void;
}

/** A client that has greeted and signed in. */
export interface TestClient {
  readonly subject: TestedService;
  readonly socket: Socket;
  readonly reader: Reader;
  readonly signal: AbortSignal;
}

/** Runs `work` as a client that has signed in. Rejects with hop_auth, hop_refused or hop_unreachable about the service. */
export async function withClient<T>(
  subject: TestedService,
  signal: AbortSignal,
  work: (client: TestClient) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw abortReason(signal);
  const socket = connect({ ...reachable(subject.address), noDelay: true });
  socket.on('error', () => undefined); // the reader or the connect below rejects with it
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  const connected = once(socket, 'connect', { signal });
  connected.catch(() => undefined); // awaited below; until then nobody else hears of it
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
    return await work(client);
  } finally {
    signal.removeEventListener('abort', abort);
    recorded?.();
    socket.destroy();
  }
}

async function greet({ subject, socket, reader }: TestClient): Promise<void> {
  const { user } = subject;
  socket.write(encodeGreeting([user === null ? METHOD.NONE : METHOD.USER_PASSWORD]));
  const method = await readMessage(reader, decodeMethod);
  if (method === METHOD.UNACCEPTABLE) throw refused(subject, 'it accepts no sign-in method of this test.');
  if (user === null) return;
  socket.write(encodeSignIn(user.username, user.password));
  if ((await readMessage(reader, decodeSignInStatus)) !== SIGN_IN.SUCCESS)
    throw new ProxyError('hop_auth', { hop: subject.service });
}

/** Asks for a command; BND of the reply. Rejects with hop_refused and the code of the reply. */
export async function ask(
  { subject, socket, reader }: TestClient,
  command: number,
  dst: Address,
): Promise<Address> {
  socket.write(encodeRequest({ command, dst }));
  const { rep, bound } = await readMessage(reader, decodeReply);
  if (rep !== REP.SUCCEEDED) throw refused(subject, `it refused the test with code ${rep}.`, rep);
  return bound;
}

/** Where a client on this computer reaches the relay that a service named. */
export function relayAddress(subject: TestedService, bound: Address): Address {
  return isUnspecified(bound.host) ? { ...reachable(subject.address), port: bound.port } : bound;
}

export function refused(subject: TestedService, reason: string, rep?: number): ProxyError {
  return new ProxyError('hop_refused', { hop: subject.service, reason }, rep === undefined ? {} : { rep });
}

/** Where a client on this computer reaches a port that is bound to every interface. */
function reachable({ host, port }: Address): Address {
  if (!isUnspecified(host)) return { host, port };
  return { host: host.includes(':') ? '::1' : '127.0.0.1', port };
}
