/** 64 streams through the proxy at full speed for five seconds: load for bench/ui.ts, in a process of its own so that the bench goes on. */
import { execFileSync } from 'node:child_process';

const [, , traffic = '', port = ''] = process.argv;
execFileSync(
  traffic,
  [
    '-proxy',
    `127.0.0.1:${port}`,
    '-pid',
    String(process.pid),
    '-mode',
    'bulk',
    '-dir',
    'down',
    '-streams',
    '64',
    '-seconds',
    '5',
  ],
  { stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000 },
);
