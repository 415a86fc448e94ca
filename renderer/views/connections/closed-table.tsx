/** The last closed connections, newest first, with why they ended. */
import { useMemo, type ReactNode } from 'react';
import type { ClosedConnection } from '../../../core/contract/stats.ts';
import { Button } from '../../components/button.tsx';
import { useModel, useSignal, useUi } from '../../components/context.ts';
import { Empty } from '../../components/empty.tsx';
import { Way } from '../../components/stream.tsx';
import { parseFilter, type FilterRow } from '../../filter/filter.ts';
import { hostPort } from '../../format/address.ts';
import { bytes, count } from '../../format/bytes.ts';
import { clock, span } from '../../format/time.ts';
import { errorText, language, t } from '../../i18n/index.ts';
import { searchText } from '../../store/live.ts';
import { targetText } from './target.ts';
import { Grid, type Column } from './grid.tsx';

export function ClosedTable(): ReactNode {
  const { live, ui } = useModel();
  const filterText = useUi((state) => state.filter);
  const selected = useUi((state) => (state.selected?.kind === 'connection' ? state.selected.id : null));
  useSignal(live.changed);
  const { closed } = live;
  const ids = useMemo(() => {
    const filter = parseFilter(filterText);
    return closed.filter((one) => filter.empty || filter.matches(rowOf(one))).map(({ id }) => id);
  }, [closed, filterText]);
  const columns: readonly Column[] = [
    { key: 'ended', track: '84px', title: t('column.ended'), right: true },
    { key: 'target', track: 'minmax(180px, 3fr)', title: t('column.target') },
    { key: 'chain', track: 'minmax(90px, 1.2fr)', title: t('column.chain') },
    { key: 'why', track: 'minmax(160px, 3fr)', title: t('column.why') },
    { key: 'lasted', track: '96px', title: t('column.lasted'), right: true },
    { key: 'down', track: '84px', title: t('column.down'), right: true },
    { key: 'up', track: '84px', title: t('column.up'), right: true },
  ];
  return (
    <Grid
      label={t('connections.closed')}
      columns={columns}
      ids={ids}
      selected={selected}
      open={(id) => ui.setState({ selected: { kind: 'connection', id } })}
      cells={(id) => {
        const one = live.closedById.get(id);
        if (one === undefined) return [];
        return [
          clock(one.endedAt),
          <span key="t" dir="ltr" className="clip">
            {targetText(one, true)}
          </span>,
          <Way key="w" names={one.path} direct={t('direct')} />,
          <span key="y" className={`clip${one.error === null ? ' muted' : ''}`}>
            {one.error === null ? t('connections.endedWell') : errorText(one.error)}
          </span>,
          span(one.endedAt - one.startedAt),
          bytes(one.down),
          bytes(one.up),
        ];
      }}
    >
      {filterText.trim() === '' ? (
        <Empty text={t('connections.noneClosed')} />
      ) : (
        <Empty
          text={t('connections.noMatch', { total: count(closed.length, language()), filter: filterText })}
        >
          <Button onClick={() => ui.setState({ filter: '' })}>{t('connections.clearFilter')}</Button>
        </Empty>
      )}
    </Grid>
  );
}

function rowOf(one: ClosedConnection): FilterRow {
  return {
    target: one.target?.host ?? '',
    port: String(one.target?.port ?? ''),
    client: hostPort(one.client),
    service: one.service,
    chain: one.chain ?? 'direct',
    hop: one.path.join(' '),
    user: one.user ?? '',
    type: `${one.protocol ?? ''} ${one.command ?? ''}`,
    id: one.id,
    up: one.up,
    down: one.down,
    age: one.endedAt - one.startedAt,
    text: `${searchText(one)} ${one.error?.message.toLowerCase() ?? ''}`,
  };
}
