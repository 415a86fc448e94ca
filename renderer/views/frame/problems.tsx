/** Everything that is wrong now, in one place, each with what to do about it. */
import type { ReactNode } from 'react';
import { CircleCheck } from 'lucide-react';
import type { Problem, ProblemAction } from '../../../core/contract/api.ts';
import { switchService } from '../../actions/host.ts';
import { showPath, moveToPort } from '../../actions/problems.ts';
import { openText } from '../../actions/transfer.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { span } from '../../format/time.ts';
import { hostText, t } from '../../i18n/index.ts';

export function ProblemsDialog(): ReactNode {
  const model = useModel();
  const problems = useHost((state) => state.problems);
  return (
    <Dialog title={t('problems.title')} close={() => model.ui.setState({ dialog: null })} wide>
      <div className="dialog-body problems">
        {problems.length === 0 && (
          <p className="problems-none">
            <CircleCheck aria-hidden />
            {t('problems.none')}
          </p>
        )}
        {problems.map((problem) => (
          <ProblemCard key={problem.id} problem={problem} aged />
        ))}
      </div>
    </Dialog>
  );
}

/** A problem as it is shown beside the thing it is about. */
export function ProblemCard({ problem, aged = false }: { problem: Problem; aged?: boolean }): ReactNode {
  const { live } = useModel();
  // the host's clock, as its stamps are
  const age = aged ? ` · ${t('problems.since', { span: span(live.at - problem.since) })}` : '';
  return (
    <Failure
      tone={problem.severity === 'error' ? 'bad' : 'warn'}
      what={hostText(problem.what)}
      why={hostText(problem.why)}
      where={`${hostText(problem.where)}${age}`}
    >
      {problem.actions.map((action) => (
        <ProblemButton key={action.label} action={action} />
      ))}
    </Failure>
  );
}

function ProblemButton({ action }: { action: ProblemAction }): ReactNode {
  const model = useModel();
  const act = async (): Promise<void> => {
    if (action.kind === 'retry') await switchService(model, action.service, true);
    else if (action.kind === 'text') openText(model, action.line);
    else if (action.kind === 'use_port') await moveToPort(model, action.service, action.port);
    else showPath(model, action.path);
  };
  return <Button onClick={() => void act()}>{hostText(action.label)}</Button>;
}
