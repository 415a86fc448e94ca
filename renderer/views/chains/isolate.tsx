/**
 * Trying one node alone, or the rest of a chain from it on: the question before, because it is contacted from the user's own address, and what
 * trying it alone said.
 */
import type { ReactNode } from 'react';
import { isolateNode, testChain } from '../../actions/test.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { chainsOf, hopsOf, nodesOf } from '../../edits/chains.ts';
import { errorText, t } from '../../i18n/index.ts';
import type { IsolateRun } from '../../store/tests.ts';

export function FromHereDialog(): ReactNode {
  const model = useModel();
  const asked = useUi((state) => state.asking);
  const chain = useHost((state) =>
    asked === null ? undefined : chainsOf(state.config?.config ?? {})[asked.chain],
  );
  if (asked === null || chain === undefined) return null;
  const { what, hop, node } = asked;
  const position = hop + 1;
  const nodes = nodesOf(hopsOf(chain)[hop]);
  const asking = node === null ? nodes : nodes.slice(node, node + 1);
  const address = asking.map(({ addr }) => addr ?? '').join(', ');
  const name = chain.name ?? '';
  const close = (): void => model.ui.setState({ asking: null });
  return (
    <Dialog
      title={t(what === 'rest' ? 'chainTest.fromAsk' : 'chainTest.isolateAsk', { position })}
      close={close}
    >
      <div className="dialog-body">
        <p>{t(what === 'rest' ? 'chainTest.fromWhy' : 'chainTest.isolateWhy', { address })}</p>
        <div className="dialog-actions">
          <Button
            look="primary"
            onClick={() => {
              close();
              void (what === 'rest'
                ? testChain(model, name, { hop, node })
                : isolateNode(model, name, hop, node ?? 0));
            }}
          >
            {t(what === 'rest' ? 'chainTest.fromDo' : 'chainTest.isolateDo')}
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
