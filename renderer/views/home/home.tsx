/** Home: one card and one click on the first run; after that the services as the stream runs through them, and the traffic. */
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { Plus } from 'lucide-react';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { t } from '../../i18n/index.ts';
import { ScreenHead } from '../frame/screen-head.tsx';
import { FirstRun } from './first-run.tsx';
import { ServicePanel } from './service-panel.tsx';

const TrafficPanel = lazy(() =>
  import('./traffic-panel.tsx').then((module) => ({ default: module.TrafficPanel })),
);

export function Home(): ReactNode {
  const model = useModel();
  const services = useHost((state) => state.services);
  const quick = useHost((state) => state.quick?.service ?? null);
  /** The card with Start was here: what takes its place takes the focus as well. */
  const [begins] = useState(services.length === 0);
  const [opened, setOpened] = useState<string | null>(null);
  if (services.length === 0) {
    return (
      <>
        <ScreenHead title={t('screen.home')} />
        <FirstRun />
      </>
    );
  }
  const main =
    services.find(({ name }) => name === opened) ??
    services.find(({ name }) => name === quick) ??
    services[0];
  return (
    <>
      <ScreenHead title={t('screen.home')}>
        <Button
          icon={<Plus aria-hidden />}
          onClick={() => model.ui.setState({ screen: 'services', selected: { kind: 'new-service' } })}
        >
          {t('action.newService')}
        </Button>
      </ScreenHead>
      <div className="page home">
        <div className="home-services">
          {services.map((service) => (
            <ServicePanel
              key={service.name}
              service={service}
              open={service === main}
              greets={begins && service === main}
              show={() => setOpened(service.name)}
            />
          ))}
        </div>
        <Suspense fallback={<div className="panel traffic" />}>
          <TrafficPanel />
        </Suspense>
      </div>
    </>
  );
}
