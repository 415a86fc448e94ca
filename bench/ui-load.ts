/** 64 downloads through the proxy at full speed for some seconds: load for bench/ui-engine.ts, in a process of its own so that the bench goes on. */
import { execFileSync } from 'node:child_process';

const [, , traffic = '', port = '', seconds = ''] = process.argv;
const output = execFileSync(
  traffic,
  ['-proxy', `127.0.0.1:${port}`, '-mode', 'bulk', '-dir', 'down', '-streams', '64', '-seconds', seconds],
  { stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000, encoding: 'utf8' },
);
const result: unknown = JSON.parse(output);
process.send?.(typeof result === 'object' && result !== null ? Reflect.get(result, 'rate') : 0);
