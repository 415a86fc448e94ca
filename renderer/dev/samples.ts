/** Test-only: the smallest true values of the contract's types, with what a test cares about on top. */
import type { ConnectionInfo, StatsFrame } from '../../core/contract/stats.ts';

export function connection(slot: number, id: string, more: Partial<ConnectionInfo> = {}): ConnectionInfo {
  return {
    id,
    slot,
    service: 'local',
    client: { host: '127.0.0.1', port: 40_000 + slot },
    startedAt: slot,
    protocol: 'socks5',
    command: 'connect',
    target: { host: `${id}.example`, port: 443 },
    user: null,
    path: [],
    chain: null,
    setupMs: 3,
    resolved: null,
    owner: null,
    ...more,
  };
}

export function frame(more: Partial<StatsFrame>): StatsFrame {
  return {
    at: 1_000,
    reset: false,
    upserts: [],
    closed: [],
    counters: [],
    associations: [],
    totals: { up: 0, down: 0, open: 0, associations: 0, packetsUp: 0, packetsDown: 0 },
    services: [],
    chains: [],
    nodes: [],
    ...more,
  };
}
