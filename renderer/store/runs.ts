/** How runs of the host flow into the stores, and what is said aloud when one ends. */
import type { Run } from '../../core/contract/runs.ts';
import type { Client } from '../bridge/client.ts';
import { t } from '../i18n/index.ts';
import type { HostStore } from './host.ts';
import { withRuns } from './tests.ts';
import { say, type UiStore } from './ui.ts';

interface Stores {
  readonly client: Client;
  readonly host: HostStore;
  readonly ui: UiStore;
}

/** Takes what the host tells of runs, and says aloud how the ones that ended went. */
export function applyRuns(stores: Stores, runs: readonly Run[]): void {
  const before = stores.host.getState().tests;
  stores.host.setState({ tests: withRuns(before, runs) });
  for (const run of runs) {
    if (run.kind === 'udp') {
      const { service } = run.about;
      if (run.state === 'done' && before.udp[service]?.state === 'running')
        say(stores.ui, t(run.progress?.ok === true ? 'udpCheck.saidOk' : 'udpCheck.saidFailed', { service }));
      continue;
    }
    const known = run.kind === 'chain' ? before.chains[run.about.chain] : undefined;
    if (run.kind !== 'chain' || run.state !== 'done' || known?.id !== run.id || known.state === 'done')
      continue;
    const { chain } = run.about;
    const from = run.about.from;
    const ok = run.progress?.ok === true;
    if (from === null) say(stores.ui, t(ok ? 'chainTest.saidOk' : 'chainTest.saidFailed', { chain }));
    else
      say(
        stores.ui,
        t(ok ? 'chainTest.saidFromOk' : 'chainTest.saidFromFailed', { chain, position: from.hop + 1 }),
      );
    void loadPast(stores, chain);
  }
}

/** The last tests of a chain, for its dots. */
export async function loadPast(stores: Stores, chain: string): Promise<void> {
  const reply = await stores.client.call('chain.tests', { chain });
  if (!reply.ok) return;
  const { tests } = stores.host.getState();
  stores.host.setState({ tests: { ...tests, past: { ...tests.past, [chain]: reply.value } } });
}
