/** Connections: open ones live, the last closed ones, and UDP associations. */
import { Pause, Play, X } from 'lucide-react';
import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';
import { closeConnections } from '../../actions/host.ts';
import { Button } from '../../components/button.tsx';
import { useModel, useSignal, useUi } from '../../components/context.ts';
import { count } from '../../format/bytes.ts';
import { parseFilter } from '../../filter/filter.ts';
import { language, t } from '../../i18n/index.ts';
import { ScreenHead } from '../frame/screen-head.tsx';
import { AssociationTable } from './associations.tsx';
import { ClosedTable } from './closed-table.tsx';
import { FilterField } from './filter-field.tsx';
import { OpenTable } from './open-table.tsx';

export function Connections(): ReactNode {
  const model = useModel();
  const tab = useUi((state) => state.tab);
  useSignal(model.traffic.changed);
  const { totals, closed } = model.live;
  return (
    <Tabs.Root
      className="screen-tabs"
      value={tab}
      onValueChange={(next) => {
        if (next === 'open' || next === 'closed' || next === 'udp')
          model.ui.setState({ tab: next, selected: null });
      }}
    >
      <ScreenHead title={t('screen.connections')}>
        <Tabs.List className="tabs" aria-label={t('screen.connections')}>
          <Tabs.Trigger className="tab" value="open">
            {t('connections.open')} <span className="tab-count">{count(totals.open, language())}</span>
          </Tabs.Trigger>
          <Tabs.Trigger className="tab" value="closed">
            {t('connections.closed')} <span className="tab-count">{count(closed.length, language())}</span>
          </Tabs.Trigger>
          <Tabs.Trigger className="tab" value="udp">
            UDP <span className="tab-count">{count(totals.associations, language())}</span>
          </Tabs.Trigger>
        </Tabs.List>
      </ScreenHead>
      <Tabs.Content className="tab-page" value="open" tabIndex={-1}>
        <Toolbar />
        <OpenTable />
      </Tabs.Content>
      <Tabs.Content className="tab-page" value="closed" tabIndex={-1}>
        <div className="toolbar">
          <FilterField />
        </div>
        <ClosedTable />
      </Tabs.Content>
      <Tabs.Content className="tab-page" value="udp" tabIndex={-1}>
        <AssociationTable />
      </Tabs.Content>
    </Tabs.Root>
  );
}

function Toolbar(): ReactNode {
  const model = useModel();
  const paused = useUi((state) => state.paused);
  const filter = useUi((state) => state.filter);
  useSignal(model.rows.changed);
  const { unknown, empty } = parseFilter(filter);
  const { ids, outOf } = model.rows;
  return (
    <div className="toolbar">
      <FilterField />
      {!empty && (
        <span className="toolbar-note number">
          {t('connections.shown', { shown: count(ids.length, language()), total: count(outOf, language()) })}
        </span>
      )}
      {unknown.length > 0 && (
        <span className="toolbar-note">{t('connections.unknownKey', { key: unknown[0] ?? '' })}</span>
      )}
      <span className="grow" />
      {!empty && ids.length > 0 && (
        <Button icon={<X aria-hidden />} onClick={() => void closeConnections(model, ids)}>
          {t('action.closeMatching', { count: ids.length })}
        </Button>
      )}
      <Button
        icon={paused ? <Play aria-hidden /> : <Pause aria-hidden />}
        aria-pressed={paused}
        onClick={() => model.ui.setState({ paused: !paused })}
      >
        {paused ? t('connections.resume') : t('connections.pause')}
      </Button>
    </div>
  );
}
