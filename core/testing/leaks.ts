/** Asserts that a suite left no socket, server or timer behind. Call in `after()`, when everything was closed. */
import assert from 'node:assert/strict';

/** Resources that keep a process alive. The runner's own pipes and files do not count. */
const COUNTED = /^(TCP|UDP|TLS|Pipe(Connect)?Wrap|Timeout|GetAddrInfo|FSReq|DNSCHANNEL)/i;
const PATIENCE_TURNS = 200;

/** Live resources by kind. Take it in `before()` and hand it to `assertNoLeaks`. */
export function liveResources(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => COUNTED.test(kind));
}

/** Sockets close a few loop turns after `destroy()`; after that whatever is more than `baseline` is a leak. */
export async function assertNoLeaks(baseline: readonly string[] = []): Promise<void> {
  for (let turn = 0; turn < PATIENCE_TURNS && liveResources().length > baseline.length; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(
    count(liveResources()),
    count(baseline),
    'a suite must end with the resources it began with',
  );
}

function count(kinds: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of [...kinds].sort()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
