/** Connections: open ones live, the last closed ones, both by group, and UDP sessions. */
import { Tabs } from 'radix-ui';
import type { ReactNode } from 'react';
import { useModel, useSignal, useUi } from '../../components/context.ts';
import { count } from '../../format/bytes.ts';
import { language, t } from '../../i18n/index.ts';
import { TABLES, type TableId } from '../../store/columns.ts';
import { showTab } from '../../store/ui.ts';
import { ScreenHead } from '../frame/screen-head.tsx';
import { AssociationTable } from './associations.tsx';
import { CloseMany } from './close-many.tsx';
import { ClosedTable } from './closed-table.tsx';
import { GroupsTable } from './groups-table.tsx';
import { OpenTable } from './open-table.tsx';

export function Connections(): ReactNode {
  const model = useModel();
  const tab = useUi((state) => state.tab);
  useSignal(model.traffic.changed);
  const { totals, closed } = model.live;
  const counts: Readonly<Record<TableId, number | null>> = {
    open: totals.open,
    closed: closed.length,
    groups: null,
    udp: totals.associations,
  };
  return (
    <Tabs.Root
      className="screen-tabs"
      value={tab}
      onValueChange={(next) => {
        const table = TABLES.find((each) => each === next);
        if (table !== undefined) showTab(model.ui, table);
      }}
    >
      <ScreenHead title={t('screen.connections')}>
        <Tabs.List className="tabs" aria-label={t('screen.connections')}>
          {TABLES.map((table) => (
            <Tabs.Trigger key={table} className="tab" value={table}>
              {table === 'udp' ? 'UDP' : t(`connections.${table}`)}
              {counts[table] !== null && (
                <span className="tab-count">{count(counts[table], language())}</span>
              )}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
      </ScreenHead>
      {TABLES.map((table) => (
        <Tabs.Content key={table} className="tab-page" value={table} tabIndex={-1}>
          <TableOf table={table} />
        </Tabs.Content>
      ))}
      <CloseMany />
    </Tabs.Root>
  );
}

function TableOf({ table }: { table: TableId }): ReactNode {
  switch (table) {
    case 'open':
      return <OpenTable />;
    case 'closed':
      return <ClosedTable />;
    case 'groups':
      return <GroupsTable />;
    case 'udp':
      return <AssociationTable />;
  }
}
