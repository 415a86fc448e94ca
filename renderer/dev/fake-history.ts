/** Test-only: a made-up month of traffic for the fake host. */
import type {
  StorageState,
  TrafficHistory,
  TrafficKind,
  TrafficPeriod,
  TrafficRange,
  TrafficTotals,
} from '../../core/contract/traffic.ts';

const STEPS: Readonly<Record<TrafficRange, { stepMs: number; count: number }>> = {
  '5min': { stepMs: 5_000, count: 60 },
  '1h': { stepMs: 60_000, count: 60 },
  '24h': { stepMs: 300_000, count: 288 },
  '30d': { stepMs: 14_400_000, count: 180 },
};
const NAMES: Readonly<Record<TrafficKind, readonly string[]>> = {
  all: [''],
  service: ['local', 'office', 'lab'],
  chain: ['', 'work', 'far'],
  node: ['gate', 'berlin', 'tokyo'],
  host: ['example.com', 'cdn.example.net', 'mail.example.org', '192.0.2.7'],
  process: ['firefox', 'curl', 'git'],
};

export function fakeHistory(range: TrafficRange, by: 'service' | 'chain'): TrafficHistory {
  const { stepMs, count } = STEPS[range];
  const at = Date.now();
  const times = Array.from({ length: count }, (_, index) => at - (count - index) * stepMs);
  const wave = (seed: number, size: number): number[] =>
    times.map((_, index) =>
      Math.round(
        (Math.sin(index / (9 + seed)) + 1.1) *
          size *
          (stepMs / 1000) *
          (1 + ((index * 7919 * (seed + 1)) % 10) / 20),
      ),
    );
  const lines = NAMES[by].map((name, index) => ({
    name,
    up: wave(index, 40_000 / (index + 1)),
    down: wave(index + 3, 400_000 / (index + 1)),
  }));
  const sum = (way: 'up' | 'down'): number[] =>
    times.map((_, index) => lines.reduce((total, line) => total + (line[way][index] ?? 0), 0));
  return {
    at,
    stepMs,
    times,
    all: {
      name: '',
      up: sum('up'),
      down: sum('down'),
      packetsUp: wave(1, 20),
      packetsDown: wave(2, 30),
      failed: times.map((_, index) => (index % 23 === 0 ? 2 : 0)),
      open: times.map((_, index) => 20 + ((index * 13) % 17)),
    },
    lines,
  };
}

export function fakeTotals(period: TrafficPeriod, kind: TrafficKind): TrafficTotals {
  const scale = { today: 1, '7d': 6, '30d': 25, reset: 60 }[period];
  return {
    from: Date.now() - scale * 86_400_000,
    rows: NAMES[kind].map((name, index) => ({
      name,
      up: Math.round((8e7 * scale) / (index + 1)),
      down: Math.round((9e8 * scale) / (index + 1)),
      packetsUp: 1200 * scale,
      packetsDown: 1900 * scale,
      opened: Math.round((400 * scale) / (index + 1)),
      failed: index * scale,
    })),
  };
}

export function fakeStorage(): StorageState {
  return {
    history: 'memory',
    why: 'runtime',
    limits: { days: 30, mb: 200 },
    bytes: 1_400_000,
    since: Date.now() - 9 * 86_400_000,
    logs: {
      folder: '/home/anna/.config/sockeye/logs',
      bytes: 2_400_000,
      files: 1,
      maxFiles: 5,
      maxFileBytes: 5_000_000,
      detailLeftMs: 0,
    },
  };
}
