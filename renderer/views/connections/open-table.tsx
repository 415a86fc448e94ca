/** The open connections. Order and filter are worked out twice a second, values four times; under the pointer the order rests. */
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useSignal, useUi } from '../../components/context.ts';
import { CopyButton } from '../../components/copy.tsx';
import { Empty } from '../../components/empty.tsx';
import { Way } from '../../components/stream.tsx';
import { parseFilter } from '../../filter/filter.ts';
import { hostPort, reachable } from '../../format/address.ts';
import { bytes, count, rate } from '../../format/bytes.ts';
import { curlCommand } from '../../format/command.ts';
import { span } from '../../format/time.ts';
import { language, t } from '../../i18n/index.ts';
import type { SortKey } from '../../store/rows.ts';
import { goTo } from '../../store/ui.ts';
import { targetText } from './target.ts';
import { Grid, type Column } from './grid.tsx';

const REFRESH_MS = 500;

const TRACKS: readonly { key: SortKey; track: string; right?: boolean }[] = [
  { key: 'age', track: '84px', right: true },
  { key: 'target', track: 'minmax(170px, 2.6fr)' },
  { key: 'service', track: 'minmax(76px, 1fr)' },
  { key: 'chain', track: 'minmax(104px, 1.6fr)' },
  { key: 'client', track: 'minmax(124px, 1fr)' },
  { key: 'downRate', track: '92px', right: true },
  { key: 'upRate', track: '92px', right: true },
  { key: 'down', track: '84px', right: true },
  { key: 'up', track: '84px', right: true },
];

export function OpenTable(): ReactNode {
  const model = useModel();
  const { live, rows, ui } = model;
  const filterText = useUi((state) => state.filter);
  const sort = useUi((state) => state.sort);
  const paused = useUi((state) => state.paused);
  const selected = useUi((state) => (state.selected?.kind === 'connection' ? state.selected.id : null));
  const [resting, setResting] = useState(false);
  const filter = useMemo(() => parseFilter(filterText), [filterText]);

  // a new filter or order is a wish that freezing does not hold back
  useEffect(() => rows.refresh(filter, sort, Date.now(), false), [rows, filter, sort]);
  useEffect(() => {
    const refresh = (): void => rows.refresh(filter, sort, Date.now(), paused || resting);
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => clearInterval(timer);
  }, [rows, filter, sort, paused, resting]);
  useSignal(rows.changed);
  useSignal(live.changed);

  const columns = TRACKS.map(({ key, track, right }): Column => {
    const active = sort.key === key;
    return {
      key,
      track,
      title: t(`column.${key}`),
      ...(right === true ? { right } : {}),
      sort: {
        active,
        descending: sort.descending,
        toggle: () => ui.setState({ sort: { key, descending: active ? !sort.descending : isAmount(key) } }),
      },
    };
  });
  const now = live.at;
  return (
    <div className="grid-box">
      {(paused || resting) && rows.fresh > 0 && (
        <span className="frozen" role="status">
          {t('connections.frozen', { count: rows.fresh, shown: count(rows.fresh, language()) })}
        </span>
      )}
      <Grid
        label={t('connections.open')}
        keysScope="connections"
        columns={columns}
        ids={rows.ids}
        selected={selected}
        open={(id) => ui.setState({ selected: { kind: 'connection', id } })}
        hover={setResting}
        rowClass={(id) => (live.slotOf.has(id) ? '' : 'row-ended')}
        cells={(id) => {
          const info = live.find(id);
          if (info === null) return [];
          const slot = live.slotOf.get(id);
          const ended = slot === undefined && 'endedAt' in info ? info : null;
          const up = slot === undefined ? (ended?.up ?? 0) : (live.up[slot] ?? 0);
          const down = slot === undefined ? (ended?.down ?? 0) : (live.down[slot] ?? 0);
          return [
            span((ended?.endedAt ?? now) - info.startedAt),
            <span
              key="t"
              dir="ltr"
              className="clip"
              title={info.target === null ? undefined : hostPort(info.target)}
            >
              {targetText(info, ended !== null)}
            </span>,
            <span key="s" className="clip">
              {info.service}
            </span>,
            <Way key="w" names={info.path} direct={t('direct')} />,
            <span key="c" dir="ltr" className="clip muted">
              {hostPort(info.client)}
            </span>,
            ended === null
              ? rate(slot === undefined ? 0 : (live.downRate[slot] ?? 0))
              : t('connections.ended'),
            ended === null ? rate(slot === undefined ? 0 : (live.upRate[slot] ?? 0)) : '',
            bytes(down),
            bytes(up),
          ];
        }}
      >
        {filter.empty ? (
          <Waiting />
        ) : (
          <Empty
            text={t('connections.noMatch', { total: count(rows.outOf, language()), filter: filterText })}
          >
            <Button onClick={() => ui.setState({ filter: '' })}>{t('connections.clearFilter')}</Button>
          </Empty>
        )}
      </Grid>
    </div>
  );
}

/** Amounts are most interesting from the top. */
function isAmount(key: SortKey): boolean {
  return key === 'up' || key === 'down' || key === 'upRate' || key === 'downRate';
}

function Waiting(): ReactNode {
  const model = useModel();
  const service = useHost((state) => state.services.find(({ state: now }) => now === 'up'));
  const [bound] = service?.bound ?? [];
  if (service === undefined || bound === undefined) {
    return (
      <Empty text={t('connections.nothingListens')}>
        <Button look="primary" onClick={() => goTo(model.ui, 'home')}>
          {t('screen.home')}
        </Button>
      </Empty>
    );
  }
  const address = reachable(bound);
  const command = curlCommand({ address, handler: service.handler, auth: service.auth }, null);
  return (
    <Empty text={t('connections.waiting', { address: hostPort(address) })}>
      <div className="command">
        <code dir="ltr">{command}</code>
        <CopyButton text={command} what={t('copy.test')} />
      </div>
    </Empty>
  );
}
