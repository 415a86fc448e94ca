/** The frame: rail, the screen, the inspector, the status bar, and what lies over them. */
import { Tooltip } from 'radix-ui';
import { lazy, Suspense, useEffect, useRef, type ReactNode } from 'react';
import { FileDiff, Unplug } from 'lucide-react';
import { listenToIncoming } from './actions/incoming.ts';
import { listenToKeys } from './actions/shortcuts.ts';
import { Button } from './components/button.tsx';
import { useHost, useModel, useUi } from './components/context.ts';
import { Failure } from './components/failure.tsx';
import { useTheme } from './components/theme.ts';
import { Toasts } from './components/toasts.tsx';
import { errorText, nextStep, t, useLanguage } from './i18n/index.ts';
import { load } from './model.ts';
import type { Screen, Selected } from './store/ui.ts';
import { Chains } from './views/chains/chains.tsx';
import { PlaceInspector } from './views/chains/place-inspector.tsx';
import { AssociationInspector } from './views/connections/association-inspector.tsx';
import { ConnectionInspector } from './views/connections/connection-inspector.tsx';
import { UdpCheckInspector } from './views/connections/udp-check.tsx';
import { Connections } from './views/connections/connections.tsx';
import { KeysSheet } from './views/frame/keys-sheet.tsx';
import { ProblemsDialog } from './views/frame/problems.tsx';
import { Rail } from './views/frame/rail.tsx';
import { StatusBar } from './views/frame/status-bar.tsx';
import { Home } from './views/home/home.tsx';
import { LogsScreen } from './views/logs/logs.tsx';
import { NewServiceInspector, ServiceInspector } from './views/services/service-inspector.tsx';
import { Services } from './views/services/services.tsx';
import { Settings } from './views/settings/settings.tsx';

const Palette = lazy(() =>
  import('./views/frame/palette.tsx').then((module) => ({ default: module.Palette })),
);

/** Dialogs of views/transfer. */
const TRANSFERS: ReadonlySet<string> = new Set(['import', 'export', 'history', 'conflict', 'text']);
const Transfer = lazy(() =>
  import('./views/transfer/transfer.tsx').then((module) => ({ default: module.Transfer })),
);

/** Charts come with the screen that has them. */
const TrafficScreen = lazy(() =>
  import('./views/traffic/traffic.tsx').then((module) => ({ default: module.TrafficScreen })),
);

export function App(): ReactNode {
  const model = useModel();
  const dialog = useUi((state) => state.dialog);
  const language = useLanguage();
  const dropping = useUi((state) => state.dropping);
  useEffect(() => listenToKeys(model), [model]);
  useEffect(() => listenToIncoming(model), [model]);
  useTheme();
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-Hans' : language;
  }, [language]);
  return (
    <Tooltip.Provider delayDuration={400} skipDelayDuration={200}>
      <div className="frame">
        <Rail />
        <div className="frame-body">
          <LinkBanner />
          <ConflictBanner />
          <div className="frame-main">
            <main className="screen" data-region tabIndex={-1}>
              <Loaded />
            </main>
            <Inspected />
          </div>
        </div>
        <StatusBar />
      </div>
      <Toasts />
      {dialog === 'palette' && (
        <Suspense>
          <Palette />
        </Suspense>
      )}
      {dialog !== null && TRANSFERS.has(dialog) && (
        <Suspense>
          <Transfer />
        </Suspense>
      )}
      {dropping && <div className="drop-here">{t('transfer.dropHere')}</div>}
      {dialog === 'keys' && <KeysSheet />}
      {dialog === 'problems' && <ProblemsDialog />}
    </Tooltip.Provider>
  );
}

/** The engine is out of reach: what is shown is old, and says so. */
function LinkBanner(): ReactNode {
  const lost = useHost((state) => state.link === 'lost' && state.ready);
  if (!lost) return null;
  return (
    <div className="banner" role="alert">
      <Unplug aria-hidden />
      <strong>{t('link.lost')}</strong>
      <span>{t('link.lostText')}</span>
    </div>
  );
}

/** Somebody else changed the linked file: nothing is taken over before a person has looked. */
function ConflictBanner(): ReactNode {
  const model = useModel();
  const conflict = useHost((state) =>
    state.config?.link?.conflict === true ? state.config.link.path : null,
  );
  if (conflict === null) return null;
  return (
    <div className="banner" role="alert">
      <FileDiff aria-hidden />
      <strong>{t('transfer.outside', { path: conflict })}</strong>
      <Button onClick={() => model.ui.setState({ dialog: 'conflict' })}>{t('transfer.look')}</Button>
    </div>
  );
}

function Loaded(): ReactNode {
  const model = useModel();
  const ready = useHost((state) => state.ready);
  const failed = useHost((state) => state.failed);
  const link = useHost((state) => state.link);
  const screen = useUi((state) => state.screen);
  if (ready) return <ScreenOf screen={screen} />;
  if (link === 'lost') {
    return (
      <div className="page">
        <Failure what={t('load.unreachable')} why={t('load.unreachableWhy')} where={window.location.host} />
      </div>
    );
  }
  if (failed !== null) {
    return (
      <div className="page">
        <Failure what={t('load.failed')} why={errorText(failed)} next={nextStep(failed)}>
          <Button onClick={() => void load(model)}>{t('tryAgain')}</Button>
        </Failure>
      </div>
    );
  }
  return (
    <div className="page loading" role="status">
      {t('load.loading')}
    </div>
  );
}

function ScreenOf({ screen }: { screen: Screen }): ReactNode {
  const shown = useRef(screen);
  useEffect(() => {
    if (shown.current === screen) return;
    shown.current = screen;
    // what had the focus went with the screen before; Tab goes on in this one
    if (document.activeElement === document.body)
      document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
  }, [screen]);
  switch (screen) {
    case 'home':
      return <Home />;
    case 'services':
      return <Services />;
    case 'chains':
      return <Chains />;
    case 'connections':
      return <Connections />;
    case 'traffic':
      return (
        <Suspense>
          <TrafficScreen />
        </Suspense>
      );
    case 'logs':
      return <LogsScreen />;
    case 'settings':
      return <Settings />;
  }
}

function Inspected(): ReactNode {
  const selected = useUi((state) => state.selected);
  const ready = useHost((state) => state.ready);
  return selected === null || !ready ? null : <InspectorOf selected={selected} />;
}

function InspectorOf({ selected }: { selected: Selected }): ReactNode {
  switch (selected.kind) {
    case 'service':
      return <ServiceInspector name={selected.name} />;
    case 'new-service':
      return <NewServiceInspector />;
    case 'place':
      return <PlaceInspector place={selected.place} />;
    case 'connection':
      return <ConnectionInspector id={selected.id} />;
    case 'udp-check':
      return <UdpCheckInspector key={selected.service} service={selected.service} />;
    case 'association':
      return <AssociationInspector id={selected.id} />;
  }
}
