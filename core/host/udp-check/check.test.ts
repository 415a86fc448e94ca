/**
 * The UDP check through the contract, over a real engine whose services are each other's hops: on which rung it stops, what it says,
 * and that its numbers are those of the probes. Long because every rung is made to fail once.
 */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import type { CallName, Calls } from '../../contract/api.ts';
import type { Run } from '../../contract/runs.ts';
import type { UdpCheck, UdpProbe } from '../../contract/udp-check.ts';
import { ProxyError } from '../../errors.ts';
import { silentLog } from '../../log.ts';
import type { Address } from '../../net/conn.ts';
import { deadAddress, httpProxy } from '../../testing/proxies.ts';
import { assertNoLeaks, liveResources } from '../../testing/leaks.ts';
import { createApi } from '../api.ts';
import { composeHost } from '../compose.ts';
import type { Host } from '../host.ts';
import { LogRing } from '../logs.ts';
import { forgetful } from '../memory.ts';
import { TransientStorage } from '../transient.ts';

type UdpRun = Extract<Run, { kind: 'udp' }>;

const baseline = liveResources();
let host: Host;
let call: <K extends CallName>(name: K, arg: Calls[K]['in']) => Promise<Calls[K]['out']>;
const peers: { close(): unknown }[] = [];
const ports: Record<string, number> = {};

async function open(text: string): Promise<void> {
  host = composeHost({
    runtime: 'headless',
    dataDir: '/nonexistent',
    storage: new TransientStorage('test.yaml', text),
    memory: forgetful(),
    kept: false,
    log: silentLog,
    logs: new LogRing(),
    forbidden: () => [],
  });
  await host.open();
  const api = createApi(host);
  call = async <K extends CallName>(name: K, arg: Calls[K]['in']) => {
    const reply = await api.call(name, arg);
    if (!reply.ok) throw new ProxyError(reply.error.code, reply.error.detail);
    return reply.value as Calls[K]['out']; // the api's own type for this call
  };
}

async function freePorts(count: number): Promise<number[]> {
  const addresses: Address[] = [];
  for (let i = 0; i < count; i += 1) addresses.push(await deadAddress());
  return addresses.map(({ port }) => port);
}

const service = (
  name: string,
  port: number,
  more: { chain?: string; udp?: boolean; type?: string; rest?: string } = {},
) =>
  `- name: ${name}
  addr: 127.0.0.1:${port}
  handler: { type: ${more.type ?? 'socks5'}${more.chain === undefined ? '' : `, chain: ${more.chain}`}, metadata: { udp: ${more.udp ?? true} } }
  listener: { type: tcp }
${more.rest ?? ''}`;
const chain = (name: string, ...nodes: { type: string; port: number; relay?: boolean; auth?: boolean }[]) =>
  `- name: ${name}
  hops:
${nodes
  .map(
    ({ type, port, relay, auth }, index) =>
      `  - { name: hop-${index}, nodes: [{ name: node-${index}, addr: '127.0.0.1:${port}', connector: { type: ${type}${auth === true ? ', auth: { username: a, password: wrong }' : ''}${relay === true ? ', metadata: { relay: udp }' : ''} } }] }`,
  )
  .join('\n')}
`;

before(async () => {
  const [p0 = 0, p1 = 0, p2 = 0, p3 = 0, p4 = 0, p5 = 0, p6 = 0, p7 = 0, p8 = 0, p9 = 0, p10 = 0, p11 = 0] =
    await freePorts(12);
  Object.assign(ports, { good: p1, off: p2 });
  const http = await httpProxy();
  peers.push(http);
  const dead = await deadAddress();
  await open(`services:
${service('plain', p0)}${service('good', p1)}${service('off', p2, { udp: false })}${service('http', p3, { type: 'http' })}${service('two', p4, { chain: 'two' })}${service('beside', p5, { chain: 'beside' })}${service('hop-off', p6, { chain: 'hop-off' })}${service('tcp-only', p7, { chain: 'tcp-only' })}${service('down', p8, { chain: 'down' })}${service('ruled', p9, { rest: '  bypass: no\n' })}${service('locked', p10, { type: 'socks5' }).replace('udp: true', 'udp: true }, auth: { username: me, password: secret')}${service('stranger', p11, { chain: 'stranger' })}chains:
${chain('two', { type: 'socks5', port: p1 }, { type: 'socks5', port: p1 })}${chain('beside', { type: 'socks5', port: p1, relay: true }, { type: 'socks5', port: p1, relay: true })}${chain('hop-off', { type: 'socks5', port: p1 }, { type: 'socks5', port: p2 })}${chain('tcp-only', { type: 'http', port: http.address.port })}${chain('down', { type: 'socks5', port: p1 }, { type: 'socks5', port: dead.port })}${chain('stranger', { type: 'socks5', port: p10, auth: true })}bypasses:
- { name: no, matchers: [192.0.2.0/24] }
`);
});
after(async () => {
  await host.close(0);
  for (const peer of peers) await peer.close();
  await assertNoLeaks(baseline);
});

/** Runs the check to its end and returns what it found, with everything that was told on the way. */
async function check(
  name: string,
  probe: UdpProbe = 'echo',
  target: Address | null = null,
): Promise<{ result: UdpCheck; seen: UdpCheck[] }> {
  const run = await call('run.start', { kind: 'udp', service: name, probe, target });
  const seen: UdpCheck[] = [];
  const last = await ended(run.id, (progress) => seen.push(progress));
  assert.deepEqual([last.state, last.error], ['done', null]);
  assert.ok(last.progress !== null);
  return { result: last.progress, seen };
}

function ended(id: string, progress: (check: UdpCheck) => void = () => undefined): Promise<UdpRun> {
  return new Promise((resolve) => {
    const subscription = host.events.runs((runs) => {
      setImmediate(() => subscription.ack());
      const run = runs.find((each): each is UdpRun => each.kind === 'udp' && each.id === id);
      if (run?.progress != null) progress(run.progress);
      if (run === undefined || run.state === 'running') return;
      setImmediate(() => subscription.stop());
      resolve(run);
    });
  });
}

const states = ({ rungs }: UdpCheck): string => rungs.map(({ state }) => state).join(' ');
const red = ({ rungs }: UdpCheck): (string | null | undefined)[] => {
  const rung = rungs.find(({ state }) => state === 'failed');
  return [rung?.name, rung?.fix, rung?.error?.code];
};

/** A UDP server that answers as told; null says nothing. */
async function server(answer: (data: Buffer, count: number) => Buffer | null): Promise<Address> {
  const socket: Socket = createSocket('udp4');
  let count = 0;
  socket.on('message', (data, from) => {
    count += 1;
    const reply = answer(data, count);
    if (reply !== null) socket.send(reply, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  peers.push({ close: () => socket.close() });
  return { host: '127.0.0.1', port: socket.address().port };
}

describe('when UDP works', () => {
  test('every rung is climbed in order, streaming, against the built-in echo', async () => {
    const { result, seen } = await check('plain');
    assert.equal(states(result), 'ok ok ok skipped ok ok ok');
    assert.equal(result.ok, true);
    assert.deepEqual([result.loss?.sent, result.loss?.received, result.loss?.reordered], [20, 20, 0]);
    assert.equal(result.sizes?.lost, null);
    assert.equal(result.sizes.largest, 60_000);
    assert.equal(result.bound?.host, '127.0.0.1');
    assert.ok(seen.length > 10, `${seen.length} steps`);
    const came = seen.map((step) => step.rungs.filter(({ state }) => state === 'ok').length);
    assert.deepEqual(
      came,
      [...came].sort((a, b) => a - b),
    );
  });

  test('it leaves no trace in lists and totals', async () => {
    const { stats } = host.deps.engine;
    stats.turn();
    const before = stats.since(null).totals;
    await check('plain');
    stats.turn();
    assert.deepEqual(stats.since(null).totals, before);
  });

  test('hops tell how they carry it: inside the stream the earlier ones carry no datagrams, beside it all do', async () => {
    const echo = await server((data) => data);
    const inside = (await check('two', 'echo', echo)).result;
    assert.deepEqual(
      inside.hops.map(({ node, state, how }) => [node, state, how]),
      [
        ['node-0', 'ok', 'stream'],
        ['node-1', 'ok', 'tunnel'],
      ],
    );
    assert.equal(inside.ok, true);
    const beside = (await check('beside', 'echo', echo)).result;
    assert.deepEqual(
      beside.hops.map(({ how }) => how),
      ['associate', 'associate'],
    );
    assert.equal(states(beside), 'ok ok ok ok ok ok ok');
  });

  test('it signs in where the service asks for a user', async () => {
    assert.equal((await check('locked')).result.ok, true);
  });

  test('loss, doubles and sizes are those of the numbered probes', async () => {
    const seen = new Set<string>();
    // every fifth of the probes that were not seen before is lost; nothing above 1,400 bytes comes back
    const lossy = await server((data) => {
      if (data.length > 1_400) return null;
      const again = seen.has(data.toString('hex'));
      seen.add(data.toString('hex'));
      return !again && data.length < 100 && seen.size % 5 === 0 ? null : data;
    });
    const { result } = await check('plain', 'echo', lossy);
    assert.equal(result.ok, true);
    assert.deepEqual(result.sizes, { largest: 1_400, lost: 1_472 });
    assert.deepEqual([result.loss?.sent, result.loss?.received], [20, 16]);
    assert.ok((result.loss?.rtt?.max ?? -1) >= (result.loss?.rtt?.min ?? Infinity));
  });

  test('an NTP server is asked in its own language, and no sizes are claimed', async () => {
    const clock = await server((data) => {
      const answer = Buffer.alloc(48);
      answer[0] = 0x24;
      data.copy(answer, 24, 40, 48);
      return answer;
    });
    const { result } = await check('plain', 'ntp', clock);
    assert.equal(states(result), 'ok ok ok skipped ok ok skipped');
    assert.deepEqual([result.sizes, result.loss?.received], [null, 20]);
  });

  test('a STUN server tells where the datagrams come from', async () => {
    const stun = await server((data) => {
      const answer = Buffer.concat([
        data.subarray(0, 20),
        Buffer.from('002000080001', 'hex'),
        Buffer.alloc(6),
      ]);
      answer.writeUInt16BE(0x0101, 0);
      answer.writeUInt16BE(12, 2);
      answer.writeUInt16BE(4_000 ^ 0x2112, 26);
      answer.writeUInt32BE((0xcb007105 ^ 0x2112a442) >>> 0, 28);
      return answer;
    });
    const { result } = await check('plain', 'stun', stun);
    assert.deepEqual(result.stun, {
      mapped: { host: '203.0.113.5', port: 4_000 },
      mapping: 'unknown',
      filtering: 'unknown',
    });
  });
});

describe('the first red', () => {
  test('a service that has UDP off, and one that can not have it', async () => {
    const off = (await check('off')).result;
    assert.deepEqual(red(off), ['enabled', 'enable_udp', 'command']);
    assert.equal(states(off), 'failed waiting waiting waiting waiting waiting waiting');
    assert.equal(off.ok, false);
    assert.deepEqual(red((await check('http')).result), ['enabled', 'use_socks5', 'unsupported']);
    await call('service.stop', { name: 'http' });
    assert.deepEqual(red((await check('http')).result), ['enabled', 'start_service', 'config']);
  });

  test('an upstream with UDP off stops at its hop, with its number and what it answered', async () => {
    const { result } = await check('hop-off', 'echo', await server((data) => data));
    assert.equal(states(result), 'ok held waiting failed waiting waiting waiting');
    assert.deepEqual(red(result), ['hops', 'hop_udp_off', 'hop_no_udp']);
    assert.deepEqual(
      result.hops.map(({ state, reply }) => [state, reply]),
      [
        ['ok', null],
        ['failed', 7],
      ],
    );
  });

  test('a hop that only carries TCP, one that is down, one that does not let us in', async () => {
    const echo = await server((data) => data);
    const tcpOnly = (await check('tcp-only', 'echo', echo)).result;
    assert.deepEqual(red(tcpOnly), ['hops', 'hop_tcp_only', 'hop_no_udp']);
    const down = (await check('down', 'echo', echo)).result;
    assert.deepEqual(red(down), ['hops', 'hop_down', 'hop_unreachable']);
    assert.deepEqual(
      down.hops.map(({ state }) => state),
      ['ok', 'failed'],
    );
    const stranger = (await check('stranger', 'echo', echo)).result;
    assert.deepEqual(red(stranger), ['hops', 'hop_sign_in', 'hop_auth']);
  });

  test('a target that stays silent, and one that a rule forbids', { timeout: 30_000 }, async () => {
    const silent = await server(() => null);
    const { result } = await check('plain', 'echo', silent);
    assert.deepEqual(red(result), ['answer', 'target_silent', 'timed_out']);
    assert.equal(states(result), 'ok ok ok skipped failed waiting waiting');
    const ruled = (await check('ruled', 'dns', { host: '192.0.2.1', port: 53 })).result;
    assert.deepEqual(red(ruled), ['answer', 'target_refused', 'not_allowed']);
    assert.equal(ruled.dropped, 'not_allowed');
  });
});

describe('runs', () => {
  test('a check can be cancelled, and ends at once', async () => {
    const silent = await server(() => null);
    const run = await call('run.start', { kind: 'udp', service: 'plain', probe: 'echo', target: silent });
    const over = ended(run.id);
    await call('run.cancel', { id: run.id });
    const { state, error } = await over;
    assert.deepEqual([state, error], ['cancelled', null]);
  });

  test('a service that is not there, and a probe without a target, are said', async () => {
    for (const [name, probe] of [
      ['nobody', 'echo'],
      ['plain', 'dns'],
      ['two', 'echo'],
    ] as const) {
      const run = await call('run.start', { kind: 'udp', service: name, probe, target: null });
      const { state, error } = await ended(run.id);
      assert.deepEqual([state, error?.code], ['failed', 'config']);
    }
  });
});
