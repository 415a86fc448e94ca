/** The last closed connections with why they ended, filtered and sorted as the open ones are. */
import { useMemo, type ReactNode } from 'react';
import type { ClosedConnection } from '../../../core/contract/stats.ts';
import { useModel, useSignal, useUi } from '../../components/context.ts';
import { Empty } from '../../components/empty.tsx';
import { Way } from '../../components/stream.tsx';
import { parseFilter } from '../../filter/filter.ts';
import { hostPort } from '../../format/address.ts';
import { bytes } from '../../format/bytes.ts';
import { clock, span, took } from '../../format/time.ts';
import { t } from '../../i18n/index.ts';
import { ClosedRow, typeOf } from '../../store/filter-rows.ts';
import type { Live } from '../../store/live.ts';
import type { ClosedKey } from '../../store/columns.ts';
import { shownColumns, type Sort } from '../../store/tables.ts';
import { Program, Target, Text } from './cells.tsx';
import { NO_FIGURES, type RowSource } from './grid-row.tsx';
import { Grid } from './grid.tsx';
import { NoMatch } from './open-table.tsx';
import { whyEnded } from './target.ts';
import { FrozenChip, Toolbar } from './toolbar.tsx';
import { useFrozen, useResting } from './use-resting.ts';

const ROOMY_PX = 44;

export function ClosedTable(): ReactNode {
  const { live, ui } = useModel();
  const filterText = useUi((state) => state.filter);
  const layout = useUi((state) => state.layouts.closed);
  const searchHidden = useUi((state) => state.prefs.searchHidden);
  const paused = useUi((state) => state.paused);
  const selected = useUi((state) => (state.selected?.kind === 'connection' ? state.selected.id : null));
  const { resting, rest } = useResting();
  useSignal(live.tables);
  const { closed } = live;
  const matching = useMemo(() => {
    const filter = parseFilter(filterText);
    const row = new ClosedRow(whyEnded);
    row.searchIn = searchHidden ? null : shownColumns('closed', layout).map(({ key }) => key);
    const found = closed.filter((one) => filter.empty || filter.matches(row.at(one)));
    // the layout of this table only ever names its own columns
    return sorted(found, layout.sort as Sort<ClosedKey>).map(({ id }) => id);
  }, [closed, filterText, searchHidden, layout]);
  const frozen = paused || resting;
  const { ids, fresh } = useFrozen(matching, frozen);
  const source = useMemo(() => closedSource(live), [live]);
  return (
    <>
      <Toolbar table="closed" shown={ids.length} total={closed.length} closing={[]} />
      <div className="grid-box">
        {frozen && (paused || fresh > 0) && <FrozenChip fresh={fresh} />}
        <Grid
          label={t('connections.closed')}
          table="closed"
          ids={ids}
          selected={selected}
          open={(id) => ui.setState({ selected: { kind: 'connection', id } })}
          rest={rest}
          rowHeight={ROOMY_PX}
          source={source}
        >
          {filterText.trim() === '' ? (
            <Empty text={t('connections.noneClosed')} />
          ) : (
            <NoMatch total={closed.length} filter={filterText} />
          )}
        </Grid>
      </div>
    </>
  );
}

function closedSource(live: Live): RowSource {
  return {
    changed: live.tables,
    figures: NO_FIGURES,
    about: (id) => live.closedById.get(id),
    figure: () => '',
    cell: (id, key) => {
      const one = live.closedById.get(id);
      if (one === undefined) return null;
      switch (key) {
        case 'ended':
          return clock(one.endedAt);
        case 'process':
          return <Program owner={one.owner} />;
        case 'target':
          return <Target info={one} ended />;
        case 'chain':
          return <Way names={one.path} direct={one.setupMs === null ? '' : t('direct')} />;
        case 'why':
          return <Text muted={one.error === null}>{whyEnded(one)}</Text>;
        case 'lasted':
          return span(one.endedAt - one.startedAt);
        case 'service':
          return <Text>{one.service}</Text>;
        case 'client':
          return <Text muted>{hostPort(one.client)}</Text>;
        case 'type':
          return <Text>{typeOf(one)}</Text>;
        case 'user':
          return <Text>{one.user ?? ''}</Text>;
        case 'setup':
          return one.setupMs === null ? '' : took(one.setupMs);
        case 'id':
          return <Text muted>{one.id}</Text>;
        case 'down':
        case 'up':
          return bytes(one[key]);
        default:
          return null;
      }
    },
  };
}

function sorted(list: ClosedConnection[], { key, descending }: Sort<ClosedKey>): ClosedConnection[] {
  const turn = descending ? -1 : 1;
  const value = valueOf(key);
  const keyed = list.map((one) => ({ one, value: value(one) }));
  keyed.sort(
    (a, b) => turn * (a.value < b.value ? -1 : a.value > b.value ? 1 : 0) || b.one.endedAt - a.one.endedAt,
  );
  return keyed.map(({ one }) => one);
}

function valueOf(key: ClosedKey): (one: ClosedConnection) => string | number {
  switch (key) {
    case 'ended':
      return ({ endedAt }) => endedAt;
    case 'lasted':
      return ({ endedAt, startedAt }) => endedAt - startedAt;
    case 'down':
    case 'up':
      return (one) => one[key];
    case 'setup':
      return ({ setupMs }) => setupMs ?? Infinity;
    case 'process':
      return ({ owner }) => owner?.name.toLowerCase() ?? '';
    case 'target':
      return ({ target }) => target?.host ?? '';
    case 'client':
      return ({ client }) => hostPort(client);
    case 'chain':
      return ({ path }) => path.join(' ');
    case 'why':
      return whyEnded;
    case 'type':
      return typeOf;
    case 'service':
      return ({ service }) => service;
    case 'user':
      return ({ user }) => user ?? '';
    case 'id':
      return ({ id }) => id.padStart(16, '0');
  }
}
