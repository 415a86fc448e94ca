/** The self-test of a service in one line: TCP ✓ 1 ms · UDP ✓ 1 ms, or what failed and why. */
import { Check, RotateCw, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { TestStep } from '../../../core/contract/api.ts';
import { selfTest } from '../../actions/host.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { took } from '../../format/time.ts';
import { errorText, t } from '../../i18n/index.ts';

export function SelfTestLine({ service, udp }: { service: string; udp: boolean }): ReactNode {
  const model = useModel();
  const test = useHost((state) => state.selfTests[service]);
  const run = (): void => void selfTest(model, service);
  if (test === undefined) {
    return (
      <Button look="quiet" onClick={run}>
        {t('selfTest.run')}
      </Button>
    );
  }
  const failed = test.steps.find((step) => !step.ok);
  const reason = failed?.error ?? test.error;
  return (
    <div className="self-test" role="status">
      {test.running ? (
        <span className="mark mark-idle">{t('selfTest.running')}</span>
      ) : (
        <>
          <Tick name="TCP" step={test.steps.find(({ name }) => name === 'connect') ?? failed} />
          {udp && <Tick name="UDP" step={test.steps.find(({ name }) => name === 'udp')} />}
          <IconButton label={t('selfTest.again')} onClick={run}>
            <RotateCw aria-hidden />
          </IconButton>
        </>
      )}
      {!test.running && reason !== null && <span className="self-test-why">{errorText(reason)}</span>}
    </div>
  );
}

function Tick({ name, step }: { name: string; step: TestStep | undefined }): ReactNode {
  if (step === undefined) return null;
  return (
    <span className={`mark mark-${step.ok ? 'ok' : 'bad'}`}>
      {step.ok ? <Check aria-hidden /> : <X aria-hidden />}
      <span className="hidden">{step.ok ? t('selfTest.ok', { name }) : t('selfTest.failed', { name })}</span>
      <span aria-hidden>{name}</span>
      {step.ok && <span className="number">{took(step.ms)}</span>}
    </span>
  );
}
