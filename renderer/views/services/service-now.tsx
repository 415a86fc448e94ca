/** What a service does at this moment: state, where it really listens, traffic since start, and the way to its connections. */
import { ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ServiceState } from '../../../core/contract/api.ts';
import { Button } from '../../components/button.tsx';
import { useModel, useSignal } from '../../components/context.ts';
import { CopyButton } from '../../components/copy.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { hostPort, reachable } from '../../format/address.ts';
import { bytes, count, rate } from '../../format/bytes.ts';
import { language, t } from '../../i18n/index.ts';
import { goTo } from '../../store/ui.ts';

export function ServiceNow({ service }: { service: ServiceState }): ReactNode {
  const model = useModel();
  useSignal(model.traffic.changed);
  const totals = model.live.services.get(service.name);
  const rates = model.traffic.services.get(service.name) ?? [];
  const show = (): void => {
    goTo(model.ui, 'connections');
    model.ui.setState({ tab: 'open', filter: `service:${quoted(service.name)}` });
  };
  return (
    <section className="service-now" aria-label={t('services.now')}>
      {service.bound.map((bound) => (
        <p key={hostPort(bound)} className="service-now-address">
          <code dir="ltr">{hostPort(bound)}</code>
          <CopyButton text={hostPort(reachable(bound))} what={t('copy.address')} />
        </p>
      ))}
      <div className="service-now-rate">
        <Sparkline values={rates} />
        <span className="number">{rate(rates.at(-1) ?? 0)}</span>
      </div>
      <dl className="figures">
        <div>
          <dt>{t('services.openNow')}</dt>
          <dd>{count(totals?.open ?? 0, language())}</dd>
        </div>
        <div>
          <dt>{t('traffic.down')}</dt>
          <dd>{bytes(totals?.down ?? 0)}</dd>
        </div>
        <div>
          <dt>{t('traffic.up')}</dt>
          <dd>
            {bytes(totals?.up ?? 0)} <span className="figures-note">{t('services.since')}</span>
          </dd>
        </div>
      </dl>
      <Button look="quiet" icon={<ArrowRight aria-hidden />} onClick={show}>
        {t('services.showConnections')}
      </Button>
    </section>
  );
}

function quoted(name: string): string {
  return /\s/.test(name) ? `"${name}"` : name;
}
