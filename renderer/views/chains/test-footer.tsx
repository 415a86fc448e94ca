/** Below a lane: where to test to, how the last test went, where it failed and what to do about it, and the tests before. */
import { Activity, Check, CircleX, Loader, RadioTower, Square } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Chain } from '../../../core/contract/config.ts';
import { cancelTest, parseTarget, targetText, testChain } from '../../actions/test.ts';
import { openUdpCheck } from '../../actions/udp.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { servicesOf } from '../../edits/chain-users.ts';
import { clock, took } from '../../format/time.ts';
import { errorText, t } from '../../i18n/index.ts';
import { slowestOf, type ChainRun } from '../../store/tests.ts';
import { Isolated } from './isolate.tsx';
import { PastTests } from './past-tests.tsx';
import { TestFailure } from './test-failure.tsx';
import { Waterfall } from './waterfall.tsx';

export function TestFooter({ chain, index }: { chain: Chain; index: number }): ReactNode {
  const name = chain.name ?? '';
  const run = useHost((state) => state.tests.chains[name]);
  const all = useHost((state) => state.tests.isolated);
  const isolated = Object.values(all).filter(
    ({ about, startedAt }) => about.chain === name && startedAt >= (run?.startedAt ?? 0),
  );
  return (
    <footer className="lane-foot">
      <div className="test-bar">
        <Result run={run} />
        <span className="grow" />
        <PastTests chain={name} />
        <Controls name={name} running={run?.state === 'running'} />
      </div>
      {run?.state === 'done' && <TestFailure run={run} chain={chain} index={index} />}
      <Isolated runs={isolated} />
      {run?.progress != null && <Waterfall run={run} />}
    </footer>
  );
}

function Result({ run }: { run: ChainRun | undefined }): ReactNode {
  if (run === undefined) return <span className="muted">{t('chainTest.none')}</span>;
  const { progress } = run;
  const { from } = run.about;
  const position = (from?.hop ?? 0) + 1;
  const at = clock(run.startedAt);
  const failed = from === null ? t('chainTest.failed', { at }) : t('chainTest.fromFailed', { position, at });
  if (run.state === 'running') {
    return (
      <span className="mark mark-idle" role="status">
        <Loader aria-hidden className="spinning" />
        {t('chainTest.running', {
          run: Math.min((progress?.finished ?? 0) + 1, progress?.runs ?? 3),
          runs: progress?.runs ?? 3,
        })}
      </span>
    );
  }
  if (run.state === 'cancelled') return <span className="muted">{t('chainTest.cancelled')}</span>;
  if (run.state === 'failed' || progress === null) {
    return (
      <span className="mark mark-bad">
        <CircleX aria-hidden />
        {run.error === null ? failed : errorText(run.error)}
      </span>
    );
  }
  if (progress.ok !== true) {
    return (
      <span className="mark mark-bad">
        <CircleX aria-hidden />
        {failed}
      </span>
    );
  }
  const slowest = progress.hops.length > 1 ? slowestOf(run) : null;
  return (
    <>
      <span className="mark mark-ok">
        <Check aria-hidden />
        {t(from === null ? 'chainTest.total' : 'chainTest.fromTotal', {
          ms: took(progress.totalMs ?? 0),
          position,
        })}
      </span>
      <span className="muted">
        {slowest !== null && `${t('chainTest.slowest', { hop: slowest.name, ms: took(slowest.ms) })} · `}
        {t('chainTest.when', { runs: progress.runs, at })}
      </span>
      {progress.bypassedAt !== null && (
        <span className="mark mark-warn">{t('chainTest.bypassed', { hop: progress.bypassedAt })}</span>
      )}
    </>
  );
}

function Controls({ name, running }: { name: string; running: boolean }): ReactNode {
  const model = useModel();
  const typed = useUi((state) => state.targets[name]);
  const user = useHost(({ config }) =>
    config === null ? undefined : servicesOf(config.config, name)[0]?.service.name,
  );
  const [initial] = useState(() => targetText(model, name));
  const text = typed ?? initial;
  const bad = parseTarget(text) === null;
  return (
    <form
      className="test-controls"
      onSubmit={(event) => {
        event.preventDefault();
        if (!bad) void testChain(model, name);
      }}
    >
      <label className="test-target">
        <span>{t('chainTest.target')}</span>
        <input
          type="text"
          dir="ltr"
          spellCheck={false}
          value={text}
          aria-invalid={bad}
          onChange={(event) =>
            model.ui.setState({ targets: { ...model.ui.getState().targets, [name]: event.target.value } })
          }
        />
      </label>
      {running ? (
        <Button icon={<Square aria-hidden />} onClick={() => void cancelTest(model, name)}>
          {t('chainTest.cancel')}
        </Button>
      ) : (
        <Button type="submit" icon={<Activity aria-hidden />} disabled={bad}>
          {t('action.testChain')}
        </Button>
      )}
      <Button
        icon={<RadioTower aria-hidden />}
        disabled={user === undefined}
        title={user === undefined ? t('chains.unused') : undefined}
        onClick={() => openUdpCheck(model, user ?? null)}
      >
        {t('chainTest.udp')}
      </Button>
    </form>
  );
}
