/**
 * The host under the window's bench: the real host, contract, socket and built window. Where ten thousand real sockets are not the point,
 * connections are opened in the real statistics as a handler would open them. Told what to do by messages of its parent (bench/ui.ts).
 */
import { join } from 'node:path';
import { createApi } from '../core/host/api.ts';
import { composeHost } from '../core/host/compose.ts';
import { serveHeadless } from '../core/host/headless.ts';
import { LogRing } from '../core/host/logs.ts';
import { forgetful } from '../core/host/memory.ts';
import { TransientStorage } from '../core/host/transient.ts';
import { silentLog } from '../core/log.ts';
import type { ConnStats } from '../core/roles.ts';
import type { Measured, Order } from './ui-orders.ts';

const TICK_MS = 250;
const dataDir = process.argv[2] ?? '/nonexistent';
const yaml =
  'services:\n- name: bench\n  addr: 127.0.0.1:0\n  handler:\n    type: socks5\n  listener:\n    type: tcp\n';

const host = composeHost({
  runtime: 'headless',
  dataDir,
  storage: new TransientStorage('bench.yaml', yaml),
  memory: forgetful(),
  kept: false,
  log: silentLog,
  logs: new LogRing(),
  forbidden: () => [],
});
const { stats } = host.deps.engine;
/** How long each frame took to be made, in milliseconds; a fold of the history counts to the frame after it. */
let frames: number[] = [];
let spent = 0;
let inside = false;
for (const name of ['turn', 'since', 'take'] as const) {
  const own = Reflect.get(stats, name) as (...given: unknown[]) => unknown;
  Object.defineProperty(stats, name, {
    value: (...given: unknown[]) => {
      const begun = performance.now();
      const outermost = !inside;
      inside = true;
      const result: unknown = Reflect.apply(own, stats, given);
      inside = false;
      // what it takes to send belongs to it
      if (name === 'since') JSON.stringify(result);
      if (outermost) spent += performance.now() - begun;
      if (name === 'since') {
        frames.push(spent);
        spent = 0;
      }
      return result;
    },
  });
}
const window = await serveHeadless({
  address: { host: '127.0.0.1', port: 0 },
  folder: join(import.meta.dirname, '../dist/renderer'),
  api: createApi(host),
  log: silentLog,
});
await host.open();
const bound = host.services()[0]?.bound[0];

const open: ConnStats[] = [];
let count = 0;
let changes = 0;
let churn = 0;
let next = 0;
let owed = 0;
let watching: NodeJS.Timeout | undefined;
let before = { cpu: process.cpuUsage(), at: performance.now() };

setInterval(() => {
  for (let at = 0; at < changes; at += 1) {
    const connection = open[next % Math.max(1, open.length)];
    next += 1;
    if (connection === undefined) continue;
    connection.up += 700;
    connection.down += 12_000;
  }
  owed += (churn * TICK_MS) / 1000;
  for (; owed >= 1; owed -= 1) {
    open.shift()?.close(null);
    begin();
  }
}, TICK_MS);

process.on('message', (order: Order) => {
  switch (order.kind) {
    case 'rows':
      while (open.length > order.count) open.pop()?.close(null);
      while (open.length < order.count) begin();
      return;
    case 'changes':
      changes = order.each;
      return;
    case 'churn':
      churn = order.perSecond;
      return;
    case 'watch':
      watch(order.hz);
      return;
    case 'measure':
      measure();
  }
});
process.on('disconnect', () => process.exit(0));
process.send?.({ link: window.link, port: bound?.port ?? 0 });

function begin(): void {
  count += 1;
  const connection = stats.open({
    service: `service-${count % 5}`,
    client: { host: '127.0.0.1', port: 1024 + (count % 60_000) },
    close: () => undefined,
  });
  const target = { host: `host-${count % 3000}.example.com`, port: 443 };
  connection.request({ protocol: 'socks5', command: 'connect', target, user: null });
  connection.routed(
    count % 3 === 0 ? { path: [], chain: null } : { path: ['berlin', 'tokyo'], chain: 'work' },
  );
  open.push(connection);
}

/** What the publisher does for a window, and what its socket is given. */
function watch(hz: number): void {
  clearInterval(watching);
  if (hz === 0) return;
  let known: number | null = null;
  watching = setInterval(() => {
    const frame = stats.turn();
    JSON.stringify(stats.since(known));
    known = frame;
  }, 1000 / hz);
}

function measure(): void {
  const collect: unknown = Reflect.get(globalThis, 'gc');
  if (typeof collect === 'function') Reflect.apply(collect, null, []);
  const { user, system } = process.cpuUsage(before.cpu);
  const measured: Measured = {
    heapMb: process.memoryUsage().heapUsed / 1e6,
    frames,
    cpuMs: (user + system) / 1000,
    elapsedMs: performance.now() - before.at,
  };
  frames = [];
  before = { cpu: process.cpuUsage(), at: performance.now() };
  process.send?.(measured);
}
