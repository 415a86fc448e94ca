/** The way between screens. Words beside icons; below 1000 px the words become tooltips. */
import {
  ArrowLeftRight,
  ChartNoAxesCombined,
  House,
  Route,
  ScrollText,
  Server,
  SlidersHorizontal,
} from 'lucide-react';
import { Tooltip } from 'radix-ui';
import type { ReactNode } from 'react';
import { Logo } from '../../components/logo.tsx';
import { useModel, useUi } from '../../components/context.ts';
import { t } from '../../i18n/index.ts';
import { goTo, SCREENS, type Screen } from '../../store/ui.ts';

const ICONS: Readonly<Record<Screen, typeof House>> = {
  home: House,
  services: Server,
  chains: Route,
  connections: ArrowLeftRight,
  traffic: ChartNoAxesCombined,
  logs: ScrollText,
  settings: SlidersHorizontal,
};

export function Rail(): ReactNode {
  const model = useModel();
  const screen = useUi((state) => state.screen);
  return (
    <nav className="rail" aria-label={t('rail')} data-region>
      <div className="brand">
        <Logo />
        <span className="brand-name">Sockeye</span>
      </div>
      <ul>
        {SCREENS.map((name) => {
          const Icon = ICONS[name];
          return (
            <li key={name} className={name === 'settings' ? 'rail-last' : undefined}>
              <Tooltip.Root>
                <Tooltip.Trigger asChild>
                  <button
                    type="button"
                    className="rail-item"
                    aria-current={screen === name ? 'page' : undefined}
                    onClick={() => goTo(model.ui, name)}
                  >
                    <Icon aria-hidden />
                    <span className="rail-word">{t(`screen.${name}`)}</span>
                  </button>
                </Tooltip.Trigger>
                <Tooltip.Portal>
                  <Tooltip.Content className="tooltip rail-tooltip" side="right" sideOffset={8}>
                    {t(`screen.${name}`)}
                  </Tooltip.Content>
                </Tooltip.Portal>
              </Tooltip.Root>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
