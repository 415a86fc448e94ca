/** The open connections. Order and filter are worked out twice a second, values four times; under the pointer the order rests. */
import { useEffect, useMemo, type ReactNode } from 'react';
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
import { typeOf } from '../../store/filter-rows.ts';
import { shownColumns, type AnyKey, type OpenKey, type Sort } from '../../store/tables.ts';
import { goTo } from '../../store/ui.ts';
import { Program, StateMark, Target, Text } from './cells.tsx';
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

  // a new filter or order is a wish that freezing does not hold back
  useEffect(() => rows.refresh(filter, sort, Date.now(), false, searchIn), [rows, filter, sort, searchIn]);
  useEffect(() => {
    const refresh = (): void => rows.refresh(filter, sort, Date.now(), paused || resting, searchIn);
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => clearInterval(timer);
  }, [rows, filter, sort, paused, resting, searchIn]);
  useSignal(rows.changed);
  useSignal(live.changed);

  const cell = (id: string, key: AnyKey): ReactNode => {
    const info = live.find(id);
    if (info === null) return null;
    const slot = live.slotOf.get(id);
    const ended: ClosedConnection | null = slot === undefined && 'endedAt' in info ? info : null;
    const at = slot ?? -1;
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
      case 'age':
        return span((ended?.endedAt ?? live.at) - info.startedAt);
      case 'process':
        return <Program owner={info.owner} />;
      case 'target':
        return <Target info={info} ended={ended !== null} />;
      case 'service':
        return <Text>{info.service}</Text>;
      case 'chain':
        return <Way names={info.path} direct={t('direct')} />;
      case 'client':
        return <Text muted>{hostPort(info.client)}</Text>;
      case 'type':
        return <Text>{typeOf(info)}</Text>;
      case 'user':
        return <Text>{info.user ?? ''}</Text>;
      case 'setup':
        return info.setupMs === null ? '' : took(info.setupMs);
      case 'idle':
        return ended === null ? span(live.at - (live.movedAt[at] ?? live.at)) : '';
      case 'id':
        return <Text muted>{id}</Text>;
      case 'downRate':
        return ended === null ? rate(live.downRate[at] ?? 0) : '';
      case 'upRate':
        return ended === null ? rate(live.upRate[at] ?? 0) : '';
      case 'down':
        return bytes(ended?.down ?? live.down[at] ?? 0);
      case 'up':
        return bytes(ended?.up ?? live.up[at] ?? 0);
      default:
        return null;
    }
  };
  const frozen = paused || resting;
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
          rowClass={(id) => (live.slotOf.has(id) ? '' : 'row-ended')}
          cell={cell}
        >
          {filter.empty ? <Waiting /> : <NoMatch total={rows.outOf} filter={filterText} />}
        </Grid>
      </div>
    </>
  );
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
