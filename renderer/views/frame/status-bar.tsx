/** The line at the bottom that is always true: engine, services, rates, connections, problems. */
import { ArrowDown, ArrowUp, CircleAlert, CircleCheck, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import { useHost, useModel, useSignal } from '../../components/context.ts';
import { count, rate } from '../../format/bytes.ts';
import { language, t } from '../../i18n/index.ts';

export function StatusBar(): ReactNode {
  const model = useModel();
  const link = useHost((state) => state.link);
  const services = useHost((state) => state.services);
  const problems = useHost((state) => state.problems);
  const up = services.filter(({ state }) => state === 'up').length;
  return (
    <footer className="status-bar" aria-label={t('status.label')} data-region>
      <span className={`mark mark-${link === 'open' ? 'ok' : 'bad'}`}>
        {link === 'open' ? <CircleCheck aria-hidden /> : <Unplug aria-hidden />}
        {t(`link.${link}`)}
      </span>
      <span className="number">{t('status.services', { up, total: services.length })}</span>
      <LiveRates />
      <button
        type="button"
        className={`status-problems${problems.length > 0 ? ' status-problems-some' : ''}`}
        onClick={() => model.ui.setState({ dialog: 'problems' })}
      >
        {problems.length > 0 && <CircleAlert aria-hidden />}
        {problems.length === 0 ? t('status.noProblems') : t('status.problems', { count: problems.length })}
      </button>
    </footer>
  );
}

function LiveRates(): ReactNode {
  const { live, traffic } = useModel();
  useSignal(traffic.changed);
  const { totals } = live;
  return (
    <>
      <span className="status-rate">
        <ArrowUp aria-hidden className="up" />
        <span className="hidden">{t('traffic.up')}</span>
        <span className="number">{rate(traffic.upRate)}</span>
      </span>
      <span className="status-rate">
        <ArrowDown aria-hidden className="down" />
        <span className="hidden">{t('traffic.down')}</span>
        <span className="number">{rate(traffic.downRate)}</span>
      </span>
      <span className="number">
        {t('status.open', { count: totals.open, shown: count(totals.open, language()) })}
      </span>
      <span className="number">
        {t('status.udp', { count: totals.associations, shown: count(totals.associations, language()) })}
      </span>
    </>
  );
}
