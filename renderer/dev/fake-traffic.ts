/** Test-only: connections that come, move bytes and go, as frames of the contract. Seeded, so that pictures are alike. */
import type { ClosedConnection, ConnectionInfo, StatsFrame } from '../../core/contract/stats.ts';
import { associations } from './fake-details.ts';

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
