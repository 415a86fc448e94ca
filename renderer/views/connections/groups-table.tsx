/** Connections counted together. A row opens the connections behind it: it becomes their filter. */
import { useMemo, type ReactNode } from 'react';
import { useModel, useSignal, useUi } from '../../components/context.ts';
import { Empty } from '../../components/empty.tsx';
import { bytes, count, rate } from '../../format/bytes.ts';
import { language, t } from '../../i18n/index.ts';
import { GROUPINGS, groupsOf, sortGroups, type Group, type Grouping } from '../../store/groups.ts';
import type { AnyKey, GroupKey } from '../../store/columns.ts';
import type { Sort } from '../../store/tables.ts';
import { setPrefs, showTab } from '../../store/ui.ts';
import { NO_FIGURES, type RowSource } from './grid-row.tsx';
import { Grid } from './grid.tsx';
import { FrozenChip, Toolbar } from './toolbar.tsx';
import { useFrozen, useResting } from './use-resting.ts';

/** The key of the filter language that finds the members of a group. */
const FILTER_KEY: Readonly<Record<Grouping, string>> = {
  process: 'proc',
  target: 'host',
  chain: 'chain',
  client: 'client',
  service: 'service',
};

export function GroupsTable(): ReactNode {
  const { live, ui } = useModel();
  const grouping = useUi((state) => state.prefs.grouping);
  const layout = useUi((state) => state.layouts.groups);
  const paused = useUi((state) => state.paused);
  const { resting, rest } = useResting();
  const tick = useSignal(live.tables);
  const { sort } = layout;
  const byName = useMemo(() => {
    // the layout of this table only ever names its own columns
    const groups = sortGroups(groupsOf(live, grouping), sort as Sort<GroupKey>);
    return new Map(groups.map((group) => [group.name, group]));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the connections change in place; `tick` tells when
  }, [live, grouping, sort, tick]);
  const source = useMemo<RowSource>(
    () => ({
      changed: live.tables,
      figures: NO_FIGURES,
      about: (name) => byName.get(name),
      figure: () => '',
      cell: (name, key) => {
        const group = byName.get(name);
        return group === undefined ? null : cellOf(group, key, grouping);
      },
    }),
    [live, byName, grouping],
  );
  const frozen = paused || resting;
  const { ids, fresh } = useFrozen([...byName.keys()], frozen);
  const show = (name: string): void => {
    const value = name === '' && grouping === 'chain' ? 'direct' : name.replaceAll(/\s+/g, '*');
    if (value === '') return;
    ui.setState({ filter: `${FILTER_KEY[grouping]}:${value}` });
    showTab(ui, (byName.get(name)?.openCount ?? 0) > 0 ? 'open' : 'closed');
  };
  return (
    <>
      <Toolbar table="groups" shown={ids.length} total={ids.length} closing={[]} filtered={false}>
        <label className="inline-label">
          {t('table.groupBy')}
          <select
            className="input select"
            value={grouping}
            onChange={(event) => {
              const next = GROUPINGS.find((each) => each === event.target.value);
              if (next !== undefined) setPrefs(ui, { grouping: next });
            }}
          >
            {GROUPINGS.map((each) => (
              <option key={each} value={each}>
                {t(`grouping.${each}`)}
              </option>
            ))}
          </select>
        </label>
      </Toolbar>
      <div className="grid-box">
        {frozen && (paused || fresh > 0) && <FrozenChip fresh={fresh} />}
        <Grid
          key={grouping}
          label={t('connections.groups')}
          table="groups"
          ids={ids}
          selected={null}
          open={show}
          rest={rest}
          source={source}
        >
          <Empty text={t('table.noGroups')} />
        </Grid>
      </div>
    </>
  );
}

function cellOf(group: Group, key: AnyKey, grouping: Grouping): ReactNode {
  switch (key) {
    case 'name':
      return (
        <span className={`clip${group.name === '' ? ' muted' : ''}`} dir="auto">
          {group.name === '' ? t(`groupless.${grouping}`) : group.name}
        </span>
      );
    case 'openCount':
    case 'closedCount':
    case 'failedCount': {
      const amount = count(group[key], language());
      return key === 'failedCount' && group.failedCount > 0 ? (
        <strong className="bad-text">{amount}</strong>
      ) : (
        amount
      );
    }
    case 'downRate':
    case 'upRate':
      return rate(group[key]);
    case 'down':
    case 'up':
      return bytes(group[key]);
    default:
      return null;
  }
}
