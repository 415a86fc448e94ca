/** Test-only: connections that come, move bytes and go, as frames of the contract. Seeded, so that pictures are alike. */
import type {
  AssociationInfo,
  ConnectionDetail,
  UdpPeer,
  ClosedConnection,
  ConnectionInfo,
  StatsFrame,
} from '../../core/contract/stats.ts';

const TARGETS = [
  ['github.com', 443],
  ['registry.npmjs.org', 443],
  ['fonts.gstatic.com', 443],
  ['updates.example.org', 80],
  ['imap.mailbox.example', 993],
  ['2606:4700::6810:85e5', 443],
  ['cdn-23.video.example', 443],
  ['10.20.4.19', 5432],
] as const;
const PROGRAMS = [
  { pid: 2_210, name: 'firefox' },
  { pid: 3_877, name: 'thunderbird' },
  { pid: 9_120, name: 'curl' },
  null,
];
const WAYS = [
  { service: 'local', chain: 'work', path: ['gate', 'ams-1'] },
  { service: 'local', chain: 'work', path: ['gate', 'ams-2'] },
  { service: 'office-lan', chain: null, path: [] },
] as const;

interface Moving {
  readonly info: ConnectionInfo;
  up: number;
  down: number;
  readonly speed: number;
  readonly until: number;
}

export class FakeTraffic {
  readonly #open = new Map<number, Moving>();
  readonly #recent: ClosedConnection[] = [];
  readonly #wanted: number;
  #seed = 7;
  #next = 1;
  #up = 0;
  #down = 0;
  #opened = 0;

  constructor(wanted: number) {
    this.#wanted = wanted;
    const now = Date.now();
    for (let count = 0; count < wanted; count += 1) this.#start(now - this.#random() * 400_000);
  }

  first(): StatsFrame {
    return this.#frame(
      Date.now(),
      true,
      [...this.#open.values()].map(({ info }) => info),
      [],
    );
  }

  step(): StatsFrame {
    const now = Date.now();
    const fresh: ConnectionInfo[] = [];
    const closed: ClosedConnection[] = [];
    for (const [slot, one] of this.#open) {
      const moved = this.#random() < 0.4 ? one.speed * this.#random() : 0;
      one.down += Math.round(moved);
      one.up += Math.round(moved / 12);
      this.#down += Math.round(moved);
      this.#up += Math.round(moved / 12);
      if (now > one.until) {
        this.#open.delete(slot);
        closed.push(this.#end(one, now));
      }
    }
    while (this.#open.size < this.#wanted && this.#random() < 0.6) fresh.push(this.#start(now));
    return this.#frame(now, false, fresh, closed);
  }

  recent(): readonly ClosedConnection[] {
    return this.#recent;
  }

  close(ids: readonly string[]): number {
    let count = 0;
    for (const [slot, one] of this.#open) {
      if (!ids.includes(one.info.id)) continue;
      this.#open.set(slot, { ...one, until: 0 });
      count += 1;
    }
    return count;
  }

  #start(at: number): ConnectionInfo {
    let slot = 0;
    while (this.#open.has(slot)) slot += 1;
    const [host, port] = TARGETS[Math.floor(this.#random() * TARGETS.length)] ?? TARGETS[0];
    const way = WAYS[Math.floor(this.#random() * WAYS.length)] ?? WAYS[0];
    const info: ConnectionInfo = {
      id: `c${this.#next}`,
      slot,
      service: way.service,
      client: { host: '127.0.0.1', port: 40_000 + this.#next },
      startedAt: at,
      protocol: 'socks5',
      command: 'connect',
      target: { host, port },
      user: way.service === 'office-lan' ? 'team' : null,
      path: way.path,
      chain: way.chain,
      setupMs: 12 + this.#random() * 90,
      resolved: way.path.length === 0 ? '203.0.113.80' : null,
      owner: PROGRAMS[this.#next % PROGRAMS.length] ?? null,
    };
    this.#next += 1;
    this.#opened += 1;
    const speed = 10 ** (2.5 + this.#random() * 3.3);
    this.#open.set(slot, {
      info,
      up: 900,
      down: 4_000,
      speed,
      until: Date.now() + 4_000 + this.#random() * 90_000,
    });
    return info;
  }

  #end(one: Moving, now: number): ClosedConnection {
    const failed = this.#random() < 0.25;
    const target = one.info.target?.host ?? '';
    const closed: ClosedConnection = {
      ...one.info,
      endedAt: now,
      up: one.up,
      down: one.down,
      endedBy: failed ? null : this.#random() < 0.5 ? 'client' : 'target',
      error: failed
        ? {
            code: 'timed_out',
            message: `${target} did not answer within 10 s.`,
            detail: { target, seconds: 10 },
          }
        : null,
    };
    this.#recent.unshift(closed);
    this.#recent.length = Math.min(this.#recent.length, 200);
    return closed;
  }

  #frame(at: number, reset: boolean, upserts: ConnectionInfo[], closed: ClosedConnection[]): StatsFrame {
    const all = [...this.#open.values()];
    const named = (name: string, mine: Moving[]): StatsFrame['services'][number] => ({
      name,
      up: Math.round(this.#up / 2),
      down: Math.round(this.#down / 2),
      open: mine.length,
      opened: this.#opened,
      failed: 3,
      packetsUp: 0,
      packetsDown: 0,
    });
    const udp = this.#wanted === 0 ? [] : associations(at);
    return {
      at,
      reset,
      upserts,
      closed,
      counters: all.flatMap(({ info, up, down }) => [info.slot, up, down]),
      associations: udp,
      totals: {
        up: this.#up,
        down: this.#down,
        open: all.length,
        associations: udp.length,
        packetsUp: 0,
        packetsDown: 0,
      },
      services: ['local', 'office-lan'].map((name) =>
        named(
          name,
          all.filter(({ info }) => info.service === name),
        ),
      ),
      chains: [named('work', all)],
      nodes: ['gate', 'ams-1'].map((name) => named(name, all)),
    };
  }

  #random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }
}

function associations(at: number): AssociationInfo[] {
  const sent = Math.floor(at / 50) % 100_000;
  return [
    {
      id: 'u1',
      service: 'local',
      client: { host: '127.0.0.1', port: 51_322 },
      relay: { host: '127.0.0.1', port: 40_911 },
      startedAt: at - 184_000,
      path: ['gate', 'ams-1'],
      chain: 'work',
      carrier: 'udp-tun',
      carriers: ['tcp', 'udp-tun'],
      idleMs: 60_000,
      peerCount: 3,
      owner: { pid: 4_121, name: 'zoom' },
      asked: 3,
      unanswered: 0,
      packetsUp: sent + 818,
      packetsDown: sent + 792,
      up: sent * 160 + 99_300,
      down: sent * 172 + 210_900,
      lastAt: at - 40,
      dropped: { stranger: 3, too_big: 1 },
      tooBig: { size: 65_517, limit: 65_507 },
      endedAt: null,
    },
  ];
}

/** What the inspector asks about one connection. */
export function detailOf(id: string): ConnectionDetail {
  return {
    id,
    requestMs: 1.2,
    name: { by: 'hop', ms: null, address: null },
    attempts: [
      {
        startMs: 1.3,
        endMs: 61.8,
        error: null,
        stages: [],
        hops: [
          {
            node: 'gate',
            address: { host: 'gate.example', port: 1080 },
            startMs: 1.3,
            reachedMs: 14.1,
            answeredMs: 31.7,
            reach: [
              { stage: 'resolve', ms: 3.1 },
              { stage: 'connect', ms: 9.7 },
            ],
            ask: [
              { stage: 'method', ms: 8.2 },
              { stage: 'request', ms: 9.4 },
            ],
          },
          {
            node: 'ams-1',
            address: { host: '203.0.113.7', port: 1080 },
            startMs: 1.3,
            reachedMs: 33,
            answeredMs: 61.4,
            reach: [],
            ask: [
              { stage: 'method', ms: 14 },
              { stage: 'request', ms: 14.4 },
            ],
          },
        ],
      },
    ],
    repliedMs: 61.8,
    firstByteMs: 96.4,
    peers: id === 'u1' ? peersOf(Date.now()) : [],
  };
}

function peersOf(at: number): UdpPeer[] {
  const sent = Math.floor(at / 50) % 100_000;
  return [
    {
      peer: { host: '198.51.100.20', port: 3478 },
      packetsUp: sent,
      packetsDown: sent - 4,
      up: sent * 160,
      down: sent * 172,
      largest: 1_172,
      firstAt: at - 184_000,
      lastAt: at - 40,
    },
    {
      peer: { host: '203.0.113.9', port: 443 },
      packetsUp: 812,
      packetsDown: 790,
      up: 99_000,
      down: 210_000,
      largest: 1_172,
      firstAt: at - 90_000,
      lastAt: at - 2_000,
    },
    {
      peer: { host: '2001:db8::35', port: 53 },
      packetsUp: 6,
      packetsDown: 6,
      up: 300,
      down: 900,
      largest: 1_172,
      firstAt: at - 80_000,
      lastAt: at - 60_000,
    },
  ];
}
