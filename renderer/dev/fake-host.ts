/**
 * Test-only: a host that is not there, as a Bridge. Answers every call of the contract plausibly and moves made-up traffic, so
 * that the window can be looked at and its rare states reached without an engine. Never part of the product's bundle.
 * Over 300 lines: an answer for every call, over one state.
 */
import type {
  Bridge,
  CallName,
  Calls,
  ConfigState,
  EventName,
  LogLine,
  Problem,
  ServiceState,
  ToWindow,
} from '../../core/contract/api.ts';
import type { Config } from '../../core/contract/config.ts';
import type { WireError } from '../../core/contract/errors.ts';
import { splitAddress } from '../format/address.ts';
import { edited, FAKE_CONFIG } from './fake-config.ts';
import { fakeHistory, fakeStorage, fakeTotals } from './fake-history.ts';
import { FAKE_SCHEMAS } from './fake-schemas.ts';
import { detailOf } from './fake-details.ts';
import { FakeTraffic } from './fake-traffic.ts';
import { FakeTests } from './fake-tests.ts';

export const SCENARIOS = ['first', 'quiet', 'busy', 'trouble', 'crowd', 'dead'] as const;
export type Scenario = (typeof SCENARIOS)[number];

type Answers = { [K in CallName]: (arg: Calls[K]['in']) => Calls[K]['out'] | Promise<Calls[K]['out']> };

class Refusal extends Error {
  readonly wire: WireError;
  constructor(wire: WireError) {
    super(wire.message);
    this.wire = wire;
  }
}

const OPEN = { first: 0, quiet: 0, busy: 42, trouble: 12, crowd: 10_000, dead: 0 } as const;
const FINGERPRINT = Array.from({ length: 32 }, (_, at) =>
  ((at * 37 + 11) % 256).toString(16).padStart(2, '0').toUpperCase(),
).join(':');
const STARTED = Date.now() - 4_000_000;

export function fakeHost(scenario: Scenario): Bridge {
  let receive: (message: ToWindow) => void = () => undefined;
  const subscribed = new Set<EventName>();
  const emit = (name: EventName, value: unknown): void => {
    if (subscribed.has(name)) receive({ t: 'event', name, value });
  };
  const traffic = new FakeTraffic(OPEN[scenario]);
  const tests = new FakeTests((runs) => emit('runs', runs), HOP_DOWN);
  const stopped = new Set<string>();
  const undo: { config: Config; label: string }[] = [];
  let pins = [
    {
      peer: 'ams-1 10.20.0.7:1080',
      node: 'ams-1',
      address: '10.20.0.7:1080',
      sha256: FINGERPRINT,
      since: STARTED,
    },
  ];
  const redo: { config: Config; label: string }[] = [];
  let revision = 1;
  let config: Config =
    scenario === 'first'
      ? {}
      : scenario === 'quiet'
        ? {
            services: [
              { ...FAKE_CONFIG.services?.[0], handler: { type: 'socks5', metadata: { udp: true } } },
            ],
          }
        : FAKE_CONFIG;
  let seq = 0;
  const lines: LogLine[] = [];
  const log = (
    level: LogLine['level'],
    event: string,
    id: string | null,
    fields: LogLine['fields'],
  ): void => {
    seq += 1;
    lines.push({ seq, at: Date.now(), level, event, id, fields });
    emit('log', lines.slice(-1));
  };

  const services = (): ServiceState[] =>
    (config.services ?? []).map((service) => {
      const name = service.name ?? '';
      const { host, port } = splitAddress(service.addr ?? '');
      const failed = scenario === 'trouble' && name === 'lab';
      const up = !failed && !stopped.has(name);
      return {
        name,
        state: failed ? 'failed' : up ? 'up' : 'stopped',
        address: service.addr ?? '',
        bound: up ? [{ host: host === '' ? '::' : host, port: Number(port) }] : [],
        handler: service.handler?.type ?? 'auto',
        listener: service.listener?.type ?? 'tcp',
        chain: service.handler?.chain ?? null,
        auth: service.handler?.auth !== undefined,
        udp: service.handler?.metadata?.['udp'] === true,
        exposed: host === '' && service.handler?.auth === undefined,
        error: failed ? PORT_TAKEN : null,
      };
    });
  const state = (): ConfigState => ({
    revision,
    path: '/home/anna/.config/sockeye/sockeye.yaml',
    config,
    findings: [],
    undo: undo.at(-1)?.label ?? null,
    redo: redo.at(-1)?.label ?? null,
    link: null,
  });
  const changed = (next: Config): ConfigState => {
    config = next;
    revision += 1;
    setTimeout(() => {
      emit('config', state());
      emit('services', services());
    }, 20);
    return state();
  };

  const answers: Answers = {
    'app.info': () => ({
      version: '0.1.0',
      runtime: 'headless',
      platform: 'linux x64',
      node: '24.21.0',
      dataDir: '/home/anna/.local/share/sockeye',
      configPath: '/home/anna/.config/sockeye/sockeye.yaml',
      startedAt: STARTED,
      firstRun: scenario === 'first',
    }),
    'schema.get': () => FAKE_SCHEMAS,
    'config.get': state,
    'config.text': () => ({ text: '', revision }),
    'config.check': () => [],
    'config.edit': ({ edits, label }) => {
      undo.push({ config, label });
      redo.length = 0;
      return changed(edited(config, edits));
    },
    'config.undo': () => step(undo, redo),
    'config.redo': () => step(redo, undo),
    'config.write': state,
    'config.checkText': () => [],
    'config.export': () => ({ text: 'services: []\n', left: [], hidden: 0 }),
    'config.link': state,
    'config.conflict': () => ({ base: '', ours: '', theirs: '', findings: [] }),
    'config.settle': state,
    'schema.file': () => ({ shapes: {}, words: {} }),
    'import.review': ({ source }) => ({
      format: 'none',
      text: source.text,
      items: [],
      findings: [],
      secrets: 0,
      whole: false,
      repair: null,
    }),
    'import.apply': () => ({ state: state(), taken: 0 }),
    'snapshots.list': () => [],
    'snapshots.diff': () => ({ before: '', after: '' }),
    'snapshots.restore': state,
    'services.list': services,
    'service.start': ({ name }) => {
      stopped.delete(name);
      return stateOf(name);
    },
    'service.stop': ({ name }) => {
      stopped.add(name);
      return stateOf(name);
    },
    'quick.start': () => {
      changed(
        edited(config, [
          {
            op: 'insert',
            path: ['services'],
            index: 0,
            value: {
              name: 'local',
              addr: '127.0.0.1:1081',
              handler: { type: 'socks5', metadata: { udp: true } },
              listener: { type: 'tcp' },
            },
          },
        ]),
      );
      return {
        service: 'local',
        address: { host: '127.0.0.1', port: 1081 },
        taken: { port: 1080, owner: 'firefox (pid 4121)' },
        steps: STEPS,
      };
    },
    'selftest.run': async () => {
      await pause(400);
      return STEPS;
    },
    'port.check': ({ port }) =>
      port === 8080
        ? { state: 'taken', owner: 'nginx (pid 812)', free: 8081 }
        : { state: 'free', owner: null, free: null },
    'host.addresses': () => [{ name: 'wlan0', address: '192.168.1.20' }],
    'uri.preview': ({ uri }) => preview(uri),
    'uri.node': ({ uri }) => ({ node: nodeOf(uri), selector: undefined, findings: [] }),
    'quick.addHop': ({ service, uri }) => {
      const index = (config.services ?? []).findIndex(({ name }) => name === service);
      const at = config.chains?.length ?? 0;
      undo.push({ config, label: 'add a hop' });
      return changed(
        edited(config, [
          {
            op: 'insert',
            path: ['chains'],
            index: at,
            value: { name: `chain-${service}`, hops: [{ name: 'hop-0', nodes: [nodeOf(uri)] }] },
          },
          { op: 'set', path: ['services', index, 'handler', 'chain'], value: `chain-${service}` },
        ]),
      );
    },
    'run.start': (request) =>
      tests.start(
        request,
        (config.chains ?? []).find(({ name }) => request.kind !== 'udp' && name === request.chain),
      ),
    'clip.copy': () => ({ text: '' }),
    'clip.read': () => null,
    'run.cancel': () => null,
    'chain.tests': ({ chain }) => tests.past.get(chain) ?? [],
    'pins.list': () => pins,
    'pins.forget': ({ peer }) => (pins = pins.filter((pin) => pin.peer !== peer)),
    'connection.close': ({ ids }) => ({ closed: traffic.close(ids) }),
    'service.naming': () => [{ client: 'curl', named: 3, literal: 41 }],
    'connection.detail': ({ id }) => detailOf(id),
    'connections.recent': () => traffic.recent(),
    'log.recent': ({ after }) => lines.filter((line) => line.seq > after),
    'traffic.history': ({ range, by }) => fakeHistory(range, by),
    'traffic.totals': ({ period, kind }) => fakeTotals(period, kind),
    'traffic.clear': () => fakeStorage(),
    'storage.get': () => fakeStorage(),
    'storage.set': (limits) => ({ ...fakeStorage(), limits }),
    'folder.open': () => ({ opened: false }),
    'diagnostics.report': () => ({ text: 'Sockeye 0.1.0 (fake)' }),
    'log.capture': ({ detail }) => {
      const storage = fakeStorage();
      return { ...storage, logs: { ...storage.logs, detailLeftMs: detail ? 600_000 : 0 } };
    },
    'login.get': () => ({ supported: true, on: true, note: null }),
    'login.set': ({ on }) => ({ supported: true, on, note: null }),
    'problems.list': () => (scenario === 'trouble' ? PROBLEMS : []),
  };
  const stateOf = (name: string): ServiceState => {
    const found = services().find((service) => service.name === name);
    if (found === undefined) throw new Refusal({ code: 'config', message: `there is no service ${name}` });
    setTimeout(() => emit('services', services()), 20);
    return found;
  };
  const step = (from: typeof undo, to: typeof undo): ConfigState => {
    const last = from.pop();
    if (last === undefined) return state();
    to.push({ config, label: last.label });
    return changed(last.config);
  };

  log('info', 'started', null, { version: '0.1.0' });
  for (const service of services()) {
    if (service.state === 'failed')
      log('error', 'listen', null, {
        service: service.name,
        code: 'port_in_use',
        reason: PORT_TAKEN.message,
      });
    else log('info', 'listening', null, { service: service.name, address: service.address });
  }
  if (scenario === 'busy' || scenario === 'trouble') {
    for (let index = 0; index < 60; index += 1) {
      const level = index % 17 === 0 ? 'warn' : 'info';
      log(level, 'session', `c${index + 1}`, {
        service: 'local',
        target: 'github.com:443',
        path: 'gate,ams-1',
        up: 1_204,
        down: 88_120,
        ms: 9_120,
        code: level === 'warn' ? 'timed_out' : null,
      });
    }
  }
  setInterval(() => emit('stats', traffic.step()), 250);

  return {
    send: (message) => {
      if (message.t === 'subscribe') {
        subscribed.add(message.name as EventName);
        if (message.name === 'stats') emit('stats', traffic.first());
        return;
      }
      if (message.t === 'unsubscribe') subscribed.delete(message.name as EventName);
      if (message.t !== 'call' || scenario === 'dead') return;
      const { id } = message;
      void pause(15)
        .then(() => answers[message.name as CallName](message.arg as never))
        .then(
          (value) => receive({ t: 'reply', id, reply: { ok: true, value } }),
          (error: unknown) =>
            receive({
              t: 'reply',
              id,
              reply: {
                ok: false,
                error: error instanceof Refusal ? error.wire : { code: 'bug', message: String(error) },
              },
            }),
        );
    },
    onMessage: (listener) => {
      receive = listener;
    },
    onClose: (listener) => {
      if (scenario === 'dead') setTimeout(listener, 50);
    },
  };
}

const STEPS: Calls['selftest.run']['out'] = [
  { name: 'greeting', ok: true, ms: 0.4, error: null },
  { name: 'connect', ok: true, ms: 1.2, error: null },
  { name: 'udp', ok: true, ms: 0.8, error: null },
];
const PORT_TAKEN: WireError = {
  code: 'port_in_use',
  message: 'Port 1090 is already used by chrome (pid 4121).',
  detail: { port: 1090, owner: 'chrome (pid 4121)' },
};
const HOP_DOWN: WireError = {
  code: 'hop_unreachable',
  message: 'The proxy rack can not be reached: 172.16.9.40:1080 refused the connection.',
  detail: { hop: 'rack', reason: '172.16.9.40:1080 refused the connection.' },
};
const PROBLEMS: Problem[] = [
  {
    id: 'service:lab',
    severity: 'error',
    what: 'The service "lab" is not listening.',
    where: '127.0.0.1:1090',
    why: PORT_TAKEN.message,
    actions: [
      { kind: 'use_port', service: 'lab', port: 1091, label: 'Use 1091' },
      { kind: 'retry', service: 'lab', label: 'Try again' },
    ],
    since: Date.now() - 92_000,
  },
];

function preview(uri: string): Calls['uri.preview']['out'] {
  const match = /^([a-z0-9+]+):\/\/(?:([^:@]+)(?::[^@]*)?@)?([^/?]+)/.exec(uri);
  const finding = (
    grade: 'blocks' | 'changes',
    message: string,
  ): Calls['uri.preview']['out']['findings'][number] => ({
    grade,
    code: 'bad_value',
    file: 'address',
    line: 0,
    column: 0,
    path: [],
    message,
  });
  if (match === null)
    return {
      ok: false,
      label: '',
      findings: [finding('blocks', 'This is not the address of a proxy, such as socks5://host:1080.')],
    };
  const user = match[2] === undefined ? '' : `${match[2]}@`;
  const clear = user !== '' && !uri.includes('tls');
  return {
    ok: true,
    label: `${match[1] ?? ''}://${user}${match[3] ?? ''}`,
    findings: clear ? [finding('changes', 'The password travels unencrypted to this proxy.')] : [],
  };
}

function nodeOf(uri: string): {
  name: string;
  addr: string;
  connector: { type: string };
  dialer: { type: string };
} {
  const match = /^([a-z0-9]+)(?:\+([a-z]+))?:\/\/(?:[^@]+@)?([^/?]+)/.exec(uri);
  return {
    name: 'node-0',
    addr: match?.[3] ?? uri,
    connector: { type: match?.[1] ?? 'socks5' },
    dialer: { type: match?.[2] ?? 'tcp' },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
