/** Asserts that a suite left no socket, server or timer behind. Call in `after()`, when everything was closed. */
import assert from 'node:assert/strict';

/** Resources that keep a process alive. Files and the runner's own pipes do not count. */
const COUNTED = /^(TCP|UDP|TLS|PipeConnect|Timeout|Immediate|GetAddrInfo)/;
const PATIENCE_TURNS = 200;

/** Live resources by kind. Take it in `before()` and hand it to `assertNoLeaks`. */
export function liveResources(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => COUNTED.test(kind));
}

/** Sockets close a few loop turns after `destroy()`; what is more than `baseline` after that is a leak. */
export async function assertNoLeaks(baseline: readonly string[] = []): Promise<void> {
  for (let turn = 0; turn < PATIENCE_TURNS && leaks(baseline).length > 0; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(leaks(baseline), [], 'a suite must end with the resources it began with');
}

/** Every live resource that the baseline does not account for. */
function leaks(baseline: readonly string[]): string[] {
  const allowed = [...baseline];
  return liveResources().filter((kind) => {
    const at = allowed.indexOf(kind);
    if (at !== -1) allowed.splice(at, 1);
    return at === -1;
  });
}
