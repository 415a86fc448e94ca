/**
 * The UDP check (contract/udp-check.ts) as a real client of a service: signs in, asks for an association, sends numbered probes through
 * it, and asks the hops of the chain one by one. The first rung that fails ends it, with what would mend it (ladder.ts).
 */
import { networkInterfaces } from 'node:os';
import type { TestedChain } from '../../chains/test-chain.ts';
import type { DropReason } from '../../contract/stats.ts';
import type { UdpCheck, UdpFix, UdpProbe, UdpSizes } from '../../contract/udp-check.ts';
import { ProxyError, toProxyError } from '../../errors.ts';
import { formatAddress, unmap } from '../../net/address.ts';
import type { Address } from '../../net/conn.ts';
import { within } from '../../net/within.ts';
import { COMMAND } from '../../socks/constants.ts';
import { loopbackEcho } from '../loopback-echo.ts';
import { ask, relayAddress, withClient, type TestClient, type TestedService } from '../test-client.ts';
import { Ladder, Red, since } from './ladder.ts';
import { natOf } from './nat.ts';
import { ECHO_BYTES, Prober } from './probes.ts';
import { ProbeSession } from './session.ts';

const ASSOCIATE_MS = 15_000;
const RELAY_MS = 1_000;
const ANSWER_MS = 1_500;
const ANSWER_TRIES = 3;
const PROBES = 20;
const APART_MS = 50;
const LAST_MS = 1_500;
const STUN_MS = 1_000;
const SIZE_MS = 700;
const SIZE_TRIES = 2;
/** Payloads that are worth knowing about: QUIC's smallest packet, Ethernet with and without tunnels, then large ones. */
const SIZES = [512, 1_200, 1_400, 1_472, 4_096, 8_192, 16_384, 32_768, 60_000];

/** What the relay counted of the check's own association. */
interface RelayCounts {
  readonly packetsUp: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

export interface UdpSubject extends TestedService {
  /** Null: the service does not listen. */
  readonly bound: Address | null;
  readonly handler: string;
  readonly listener: string;
  readonly udp: boolean;
  readonly chain: string | null;
  readonly tested: () => TestedChain;
  /** Counts of the association of the check, once there is one. */
  readonly counts: () => RelayCounts | null;
}

export interface UdpQuestion {
  readonly probe: UdpProbe;
  /** Null: the built-in echo; only for a service without a chain. */
  readonly target: Address | null;
}

/** Tells `report` of every step and resolves with the whole. Rejects only with the reason of `signal`. */
export async function udpCheck(
  subject: UdpSubject,
  question: UdpQuestion,
  report: (check: UdpCheck) => void,
  signal: AbortSignal,
): Promise<UdpCheck> {
  const ladder = new Ladder({ service: subject.service, chain: subject.chain, ...question }, report);
  if (question.target === null && (question.probe !== 'echo' || subject.chain !== null))
    throw new ProxyError('config', { where: 'UDP check', message: 'a target is needed for this probe' });
  try {
    await ladder.rung('enabled', () => Promise.resolve(judgeService(subject)));
    await climb(ladder, subject, question, signal);
    ladder.finish(true);
  } catch (thrown) {
    if (!(thrown instanceof Red)) throw thrown;
    ladder.finish(false);
  }
  return ladder.check;
}

function judgeService({ service, bound, handler, listener, udp }: UdpSubject): void {
  if (bound === null)
    throw new Red(
      new ProxyError('config', { where: service, message: 'the service is not running' }),
      'start_service',
    );
  const unsupported = (what: string, fix: UdpFix): Red =>
    new Red(new ProxyError('unsupported', { what, by: service }), fix);
  if (handler !== 'socks5' && handler !== 'auto') throw unsupported('UDP for its clients', 'use_socks5');
  if (listener !== 'tcp') throw unsupported('The check over anything but plain TCP', 'use_tcp_listener');
  if (!udp) throw new Red(new ProxyError('command', { command: 'UDP' }), 'enable_udp');
}

async function climb(
  ladder: Ladder,
  subject: UdpSubject,
  { probe, target }: UdpQuestion,
  signal: AbortSignal,
): Promise<void> {
  const echo = target === null ? await loopbackEcho() : null;
  try {
    await asClient(ladder, subject, signal, async (relay, client) => {
      const prober = new Prober(probe);
      const to = target ?? echo?.udp ?? relay;
      const session = await ProbeSession.open(relay, prober, client.signal);
      try {
        await ladder.rung('relay', () => reachRelay(session, subject, to, relay));
        await ladder.hops(subject, signal);
        await ladder.rung('answer', () => firstAnswer(ladder, session, subject, to));
        await ladder.rung('loss', () => measure(ladder, session, to));
        // last, because large datagrams can end a session: GOST v2 gives up on them
        if (probe === 'echo') await ladder.rung('size', () => sweep(ladder, session, to));
        else ladder.set('size', { state: 'skipped' });
      } finally {
        session.close();
      }
    });
  } finally {
    echo?.close();
  }
}

/** Asks the service for an association and goes on with where its relay is. A refusal that may be a hop's is left to that rung. */
async function asClient(
  ladder: Ladder,
  subject: UdpSubject,
  signal: AbortSignal,
  work: (relay: Address, client: TestClient) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  ladder.set('associate', { state: 'testing' });
  const session = { granted: false };
  try {
    await withClient(subject, signal, async (client) => {
      const bound = await within(signal, ASSOCIATE_MS, () =>
        ask(client, COMMAND.UDP_ASSOCIATE, { host: '0.0.0.0', port: 0 }),
      );
      session.granted = true;
      ladder.granted(bound, since(startedAt));
      await work(relayAddress(subject, bound), client);
    });
  } catch (thrown) {
    if (session.granted || thrown instanceof Red || signal.aborted) throw thrown;
    const error = toProxyError(thrown, { target: subject.service, seconds: ASSOCIATE_MS / 1000 });
    const red = new Red(error, error.code === 'hop_auth' ? 'sign_in' : null);
    if (subject.chain === null || error.rep === null) throw ladder.red('associate', red, startedAt);
    // the service opens the way out before it answers: its chain may be what refused
    ladder.set('associate', { state: 'held', ms: since(startedAt) });
    await ladder.hops(subject, signal);
    throw ladder.red('associate', red, startedAt);
  }
}

/** A first probe, until the relay has counted it. */
async function reachRelay(
  session: ProbeSession,
  { counts }: UdpSubject,
  to: Address,
  relay: Address,
): Promise<void> {
  const arrived = (): boolean => {
    const seen = counts();
    return seen !== null && (seen.packetsUp > 0 || dropOf(seen) !== null);
  };
  for (let tries = 0; tries < 3; tries += 1) {
    const number = session.send(to);
    const end = performance.now() + RELAY_MS;
    // the counters tell nobody when they change
    while (!arrived() && performance.now() < end) await session.until(() => session.tally.has(number), 20);
    if (arrived()) return;
  }
  throw new Red(new ProxyError('host_unreachable', { target: formatAddress(relay) }), 'relay_unreachable');
}

async function firstAnswer(
  ladder: Ladder,
  session: ProbeSession,
  subject: UdpSubject,
  to: Address,
): Promise<void> {
  const answered = (): boolean => session.tally.loss().received > 0;
  for (let tries = 0; tries < ANSWER_TRIES; tries += 1) {
    if (await session.until(answered, tries === 0 ? ANSWER_MS / 3 : ANSWER_MS)) break;
    session.send(to);
  }
  if (!(await session.until(answered, ANSWER_MS))) {
    const dropped = dropOf(subject.counts());
    ladder.change({ dropped });
    const target = formatAddress(to);
    if (dropped === 'not_allowed') throw new Red(new ProxyError('not_allowed', { target }), 'target_refused');
    if (dropped === 'name') throw new Red(new ProxyError('name_not_found', { host: to.host }), 'name');
    if (dropped === 'unreachable')
      throw new Red(new ProxyError('host_unreachable', { target }), 'target_silent');
    const seconds = Math.round((ANSWER_MS * ANSWER_TRIES) / 1000);
    throw new Red(new ProxyError('timed_out', { target, seconds }), 'target_silent');
  }
  if (ladder.check.probe !== 'stun') return;
  const ask = (
    at: Address,
    change: Parameters<ProbeSession['askStun']>[1],
  ): ReturnType<ProbeSession['askStun']> => session.askStun(at, change, STUN_MS);
  const first = await ask(to, null);
  if (first === null) return;
  ladder.change({ stun: await natOf(to, first, ask, ({ host }) => subject.chain === null && isHere(host)) });
}

/** Larger and larger echoes until one does not come back whole. */
async function sweep(ladder: Ladder, session: ProbeSession, to: Address): Promise<void> {
  let sizes: UdpSizes = { largest: ECHO_BYTES, lost: null };
  for (const bytes of SIZES) {
    let passed = false;
    for (let tries = 0; tries < SIZE_TRIES && !passed; tries += 1) {
      const number = session.send(to, bytes);
      passed = await session.until(() => session.tally.has(number), SIZE_MS);
    }
    sizes = passed ? { ...sizes, largest: bytes } : { ...sizes, lost: bytes };
    ladder.change({ sizes });
    if (!passed) return;
  }
}

async function measure(ladder: Ladder, session: ProbeSession, to: Address): Promise<void> {
  session.countAnew();
  for (let sent = 0; sent < PROBES; sent += 1) {
    session.send(to);
    await session.until(() => false, APART_MS);
    ladder.change({ loss: session.tally.loss() });
  }
  await session.until(() => session.tally.complete, LAST_MS);
  const loss = session.tally.loss();
  ladder.change({ loss });
  if (loss.received === 0)
    throw new Red(
      new ProxyError('timed_out', { target: formatAddress(to), seconds: LAST_MS / 1000 }),
      'target_silent',
    );
}

function dropOf(counts: RelayCounts | null): DropReason | null {
  const reasons = Object.keys(counts?.dropped ?? {});
  // the keys of a record of reasons
  return (reasons[0] as DropReason | undefined) ?? null;
}

function isHere(host: string): boolean {
  return Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => unmap(address) === unmap(host)),
  );
}
