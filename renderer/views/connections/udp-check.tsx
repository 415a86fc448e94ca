/** The UDP check in the inspector: which service, what to send where, and the ladder as it is climbed (udp-ladder.tsx). */
import { useId, useState, type ReactNode } from 'react';
import { UDP_PROBES, type UdpProbe } from '../../../core/contract/udp-check.ts';
import { cancelUdpCheck, checkTarget, startUdpCheck, USUAL_TARGETS } from '../../actions/udp.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { Failure } from '../../components/failure.tsx';
import { errorText, nextStep, t } from '../../i18n/index.ts';
import { Inspector } from '../frame/inspector.tsx';
import { Ladder } from './udp-ladder.tsx';

export function UdpCheckInspector({ service }: { service: string }): ReactNode {
  const model = useModel();
  const services = useHost((state) => state.services);
  const run = useHost((state) => state.tests.udp[service]);
  const state = services.find(({ name }) => name === service);
  const chained = state?.chain != null;
  const [probe, setProbe] = useState<UdpProbe>(run?.about.probe ?? (chained ? 'dns' : 'echo'));
  const [typed, setTyped] = useState('');
  const id = useId();
  const target = checkTarget(probe, typed, chained);
  const running = run?.state === 'running';
  const start = (): void => {
    if (target !== undefined) void startUdpCheck(model, service, probe, target);
  };
  return (
    <Inspector title={service} kind={t('udpCheck.title')}>
      <form
        className="udp-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (running) void cancelUdpCheck(model, service);
          else start();
        }}
      >
        <label className="inline-label">
          {t('words.service')}
          <select
            className="input select"
            value={service}
            disabled={running}
            onChange={(event) =>
              model.ui.setState({ selected: { kind: 'udp-check', service: event.target.value } })
            }
          >
            {services.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className="inline-label">
          {t('udpCheck.probe')}
          <select
            className="input select"
            value={probe}
            disabled={running}
            onChange={(event) => {
              const next = UDP_PROBES.find((each) => each === event.target.value);
              if (next !== undefined) setProbe(next);
              setTyped('');
            }}
          >
            {UDP_PROBES.map((each) => (
              <option key={each} value={each}>
                {t(`udpProbe.${each}`)}
              </option>
            ))}
          </select>
        </label>
        <label htmlFor={id}>{t('udpCheck.target')}</label>
        <input
          id={id}
          className="input"
          dir="ltr"
          spellCheck={false}
          autoComplete="off"
          disabled={running}
          placeholder={
            probe === 'echo' && !chained ? t('udpCheck.builtIn') : USUAL_TARGETS[probe] || 'host:port'
          }
          value={typed}
          aria-invalid={target === undefined && typed !== ''}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setTyped(event.target.value)}
        />
        <p id={`${id}-hint`} className="muted small">
          {target === undefined ? t('udpCheck.badTarget') : t(`udpProbeHint.${probe}`)}
        </p>
        <Button
          type="submit"
          look={running ? 'plain' : 'primary'}
          disabled={!running && target === undefined}
        >
          {running ? t('cancel') : t(run === undefined ? 'udpCheck.run' : 'udpCheck.again')}
        </Button>
      </form>
      {run !== undefined && run.error !== null && (
        <Failure what={t('udpCheck.broken')} why={errorText(run.error)} next={nextStep(run.error)} />
      )}
      {run !== undefined && run.progress !== null && (
        <Ladder check={run.progress} state={run.state} restart={start} />
      )}
    </Inspector>
  );
}
