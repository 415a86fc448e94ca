/** The open connections. Order, filter and figures are worked out twice a second; under the pointer the order rests. */
import { useEffect, useLayoutEffect, useMemo, type ReactNode } from 'react';
import type { ClosedConnection } from '../../../core/contract/stats.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useSignal, useUi } from '../../components/context.ts';
import { CopyButton } from '../../components/copy.tsx';
import { Empty } from '../../components/empty.tsx';
import { Way } from '../../components/stream.tsx';
import { parseFilter } from '../../filter/filter.ts';
import { hostPort, reachable } from '../../format/address.ts';
import { bytes, count, rate } from '../../format/bytes.ts';
import { curlCommand } from '../../../core/contract/command.ts';
import { span, took } from '../../format/time.ts';
import { language, t } from '../../i18n/index.ts';
import type { AnyKey, OpenKey } from '../../store/columns.ts';
import { typeOf } from '../../store/filter-rows.ts';
import type { Live } from '../../store/live.ts';
import { shownColumns, type Sort } from '../../store/tables.ts';
import { goTo } from '../../store/ui.ts';
import { Program, StateMark, Target, Text } from './cells.tsx';
import type { RowSource } from './grid-row.tsx';
import { Grid } from './grid.tsx';
import { FrozenChip, Toolbar } from './toolbar.tsx';
import { useResting } from './use-resting.ts';

const REFRESH_MS = 500;
/** Height of a row with the resolved address below the name. */
const ROOMY_PX = 44;

export function OpenTable(): ReactNode {
  const model = useModel();
  const { live, rows, ui } = model;
  const filterText = useUi((state) => state.filter);
  const layout = useUi((state) => state.layouts.open);
  const searchHidden = useUi((state) => state.prefs.searchHidden);
  const paused = useUi((state) => state.paused);
  const selected = useUi((state) => (state.selected?.kind === 'connection' ? state.selected.id : null));
  const { resting, rest } = useResting();
  const filter = useMemo(() => parseFilter(filterText), [filterText]);
  const searchIn = useMemo(
    () => (searchHidden ? null : shownColumns('open', layout).map(({ key }) => key)),
    [searchHidden, layout],
  );
  // the layout of this table only ever names its own columns
  const sort = layout.sort as Sort<OpenKey>;

  const frozen = paused || resting;
  const source = useMemo(() => openSource(live), [live]);

  // a new filter or order is a wish that freezing does not hold back
  useLayoutEffect(
    () => rows.refresh(filter, sort, Date.now(), false, searchIn),
    [rows, filter, sort, searchIn],
  );
  useEffect(() => {
    const refresh = (): void => rows.refresh(filter, sort, Date.now(), frozen, searchIn);
    const timer = setInterval(refresh, REFRESH_MS);
    return () => clearInterval(timer);
  }, [rows, filter, sort, frozen, searchIn]);
  useSignal(rows.changed);

  return (
    <>
      <Toolbar table="open" shown={rows.ids.length} total={rows.outOf} closing={rows.ids} />
      <div className="grid-box">
        {frozen && (paused || rows.fresh > 0) && <FrozenChip fresh={rows.fresh} />}
        <Grid
          label={t('connections.open')}
          table="open"
          ids={rows.ids}
          selected={selected}
          open={(id) => ui.setState({ selected: { kind: 'connection', id } })}
          rest={rest}
          rowHeight={ROOMY_PX}
          source={source}
        >
          {filter.empty ? <Waiting /> : <NoMatch total={rows.outOf} filter={filterText} />}
        </Grid>
      </div>
    </>
  );
}

const FIGURES: ReadonlySet<AnyKey> = new Set<OpenKey>(['age', 'idle', 'downRate', 'upRate', 'down', 'up']);

/** A row that froze in its place may have ended meanwhile. */
function openSource(live: Live): RowSource {
  const endedOf = (id: string): ClosedConnection | null =>
    live.slotOf.has(id) ? null : (live.closedById.get(id) ?? null);
  return {
    changed: live.tables,
    figures: FIGURES,
    about: (id) => live.find(id),
    look: (id) => (live.slotOf.has(id) ? '' : 'row-ended'),
    figure: (id, key) => {
      const info = live.find(id);
      if (info === null) return '';
      const slot = live.slotOf.get(id);
      const ended = endedOf(id);
      switch (key) {
        case 'age':
          return span((ended?.endedAt ?? live.at) - info.startedAt);
        case 'idle':
          return slot === undefined ? '' : span(live.at - (live.movedAt[slot] ?? live.at));
        case 'downRate':
        case 'upRate':
          return slot === undefined ? '' : rate(live[key][slot] ?? 0);
        default:
          return key === 'down' || key === 'up' ? bytes(ended?.[key] ?? live[key][slot ?? -1] ?? 0) : '';
      }
    },
    cell: (id, key) => {
      const info = live.find(id);
      if (info === null) return null;
      const ended = endedOf(id);
      switch (key) {
        case 'state':
          return (
            <StateMark
              state={
                ended !== null
                  ? ended.error === null
                    ? 'ended'
                    : 'failed'
                  : info.setupMs === null
                    ? 'setup'
                    : 'open'
              }
            />
          );
        case 'process':
          return <Program owner={info.owner} />;
        case 'target':
          return <Target info={info} ended={ended !== null} />;
        case 'service':
          return <Text>{info.service}</Text>;
        case 'chain':
          return <Way names={info.path} direct={info.setupMs === null ? '' : t('direct')} />;
        case 'client':
          return <Text muted>{hostPort(info.client)}</Text>;
        case 'type':
          return <Text>{typeOf(info)}</Text>;
        case 'user':
          return <Text>{info.user ?? ''}</Text>;
        case 'setup':
          return info.setupMs === null ? '' : took(info.setupMs);
        case 'id':
          return <Text muted>{id}</Text>;
        default:
          return null;
      }
    },
  };
}

export function NoMatch({ total, filter }: { total: number; filter: string }): ReactNode {
  const { ui } = useModel();
  return (
    <Empty text={t('connections.noMatch', { total: count(total, language()), filter })}>
      <Button onClick={() => ui.setState({ filter: '' })}>{t('connections.clearFilter')}</Button>
    </Empty>
  );
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
