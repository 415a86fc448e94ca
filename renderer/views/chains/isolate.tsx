/** Trying one node alone: the question before, because it is contacted from the user's own address, and the answer after. */
import type { ReactNode } from 'react';
import { isolateNode } from '../../actions/test.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { chainsOf, hopsOf, nodesOf } from '../../edits/chains.ts';
import { errorText, t } from '../../i18n/index.ts';
import type { IsolateRun } from '../../store/tests.ts';

export function IsolateDialog(): ReactNode {
  const model = useModel();
  const asked = useUi((state) => state.isolating);
  const chain = useHost((state) =>
    asked === null ? undefined : chainsOf(state.config?.config ?? {})[asked.chain],
  );
  if (asked === null || chain === undefined) return null;
  const node = nodesOf(hopsOf(chain)[asked.hop])[asked.node];
  const close = (): void => model.ui.setState({ isolating: null });
  return (
    <Dialog title={t('chainTest.isolateAsk', { position: asked.hop + 1 })} close={close}>
      <div className="dialog-body">
        <p>{t('chainTest.isolateWhy', { address: node?.addr ?? '' })}</p>
        <div className="dialog-actions">
          <Button
            look="primary"
            onClick={() => {
              close();
              void isolateNode(model, chain.name ?? '', asked.hop, asked.node);
            }}
          >
            {t('chainTest.isolateDo')}
          </Button>
          <Button onClick={close}>{t('cancel')}</Button>
        </div>
      </div>
    </Dialog>
  );
}

/** The nodes of a chain that were tried alone since its last test. */
export function Isolated({ runs }: { runs: readonly IsolateRun[] }): ReactNode {
  if (runs.length === 0) return null;
  return (
    <ul className="isolated" role="status">
      {runs.map((run) => (
        <li key={run.id}>{sentence(run)}</li>
      ))}
    </ul>
  );
}

function sentence(run: IsolateRun): string {
  const position = run.about.hop + 1;
  if (run.state === 'failed') return run.error === null ? '' : errorText(run.error);
  const answers = run.progress?.answers ?? null;
  if (answers === null) return t('chainTest.isolating');
  const error = run.progress?.node.error ?? null;
  if (!answers) return t('chainTest.isolateDown', { position, why: error === null ? '' : errorText(error) });
  return position === 1
    ? t('chainTest.isolateFirst')
    : t('chainTest.isolateAnswers', { position, before: position - 1 });
}
