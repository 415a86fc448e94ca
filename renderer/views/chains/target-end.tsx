/** The end of a lane: the target, and what the last test found between the last hop and it. */
import type { ReactNode } from 'react';
import { useHost } from '../../components/context.ts';
import { hostPort } from '../../format/address.ts';
import { t } from '../../i18n/index.ts';
import { OutcomeMark } from './outcome.tsx';

export function TargetEnd({ chain }: { chain: string }): ReactNode {
  const run = useHost((state) => state.tests.chains[chain]);
  const target = run?.progress?.target ?? null;
  return (
    <span className="lane-end lane-target">
      {t('stream.target')}
      {run !== undefined && target !== null && (
        <>
          <span className="lane-target-address" dir="ltr">
            {hostPort(run.about.target)}
          </span>
          <OutcomeMark station={target} running={run.state === 'running'} />
        </>
      )}
    </span>
  );
}
