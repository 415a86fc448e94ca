/** Sums by service, chain, node, host or program over days, to be sorted, filtered and taken along as a file. */
import { Download, Search } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import type { TrafficPeriod, TrafficSum, TrafficTotals } from '../../../core/contract/traffic.ts';
import { OTHERS } from '../../../core/contract/traffic.ts';
import { download, fileName } from '../../actions/download.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { useModel, useSignal, useUi } from '../../components/context.ts';
import { Segments } from '../../components/segments.tsx';
import { bytes, count } from '../../format/bytes.ts';
import { csv } from '../../format/csv.ts';
import { longDay } from '../../format/time.ts';
import { language, t } from '../../i18n/index.ts';
import { RunningSums } from '../../store/running-sums.ts';
import { TRAFFIC_KINDS, type TotalsKind } from '../../store/ui.ts';

const PERIODS = ['today', '7d', '30d', 'reset'] as const satisfies readonly TrafficPeriod[];
const COLUMNS = ['down', 'up', 'opened', 'failed', 'packetsDown', 'packetsUp'] as const;
type SortKey = 'name' | (typeof COLUMNS)[number];

const ASK_MS = 10_000;
/** Rows shown at first and with each press of the button below them. */
const PAGE = 100;

export function Totals(): ReactNode {
  const model = useModel();
  const kind = useUi((state) => state.trafficKind);
  const period = useUi((state) => state.trafficPeriod);
  const [filter, setFilter] = useState('');
  const [sort, setSort] = useState<{ key: SortKey; descending: boolean }>({ key: 'down', descending: true });
  const [shown, setShown] = useState(PAGE);
  const totals = useTotals(period, kind);
  const rows = useMemo(() => {
    const words = filter.trim().toLowerCase();
    const named = (totals?.rows ?? []).map((row) => ({ ...row, title: rowTitle(row.name, kind) }));
    return named
      .filter(({ title }) => title.toLowerCase().includes(words))
      .sort(comparison(sort.key, sort.descending));
  }, [totals, filter, kind, sort]);
  const most = Math.max(1, ...rows.map(({ up, down }) => up + down));
  const save = (): void =>
    download(
      fileName(`totals-${period}-by-${kind}`, 'csv'),
      'text/csv',
      csv(
        [t(`totalsBy.${kind}`), ...COLUMNS.map((key) => t(`totals.${key}`))],
        rows.map((row) => [row.title, ...COLUMNS.map((key) => row[key])]),
      ),
    );
  return (
    <section className="panel totals" aria-labelledby="totals-title">
      <header className="panel-head totals-head">
        <h2 id="totals-title">{t('totals.title')}</h2>
        <Segments
          label={t('totals.period')}
          options={PERIODS}
          value={period}
          name={(one) => t(`period.${one}`)}
          choose={(trafficPeriod) => model.ui.setState({ trafficPeriod })}
        />
        <Segments
          label={t('totals.by')}
          options={TRAFFIC_KINDS}
          value={kind}
          name={(one) => t(`totalsBy.${one}`)}
          choose={(trafficKind) => {
            setShown(PAGE);
            model.ui.setState({ trafficKind });
          }}
        />
        <div className="filter totals-filter">
          <Search aria-hidden />
          <input
            className="filter-input"
            data-filter
            type="text"
            role="searchbox"
            spellCheck={false}
            aria-label={t('totals.filter')}
            placeholder={t('totals.filter')}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        </div>
        <IconButton
          label={t('charts.csv', { title: t('totals.title') })}
          disabled={rows.length === 0}
          onClick={save}
        >
          <Download aria-hidden />
        </IconButton>
      </header>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={t('totals.title')}>
        <table className="table totals-table">
          <thead>
            <tr>
              <Head name="name" title={t(`totalsBy.${kind}`)} sort={sort} choose={setSort} />
              {COLUMNS.map((key) => (
                <Head key={key} name={key} title={t(`totals.${key}`)} sort={sort} choose={setSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map((row) => (
              <tr key={row.name}>
                <th scope="row" dir={row.title === row.name ? 'ltr' : undefined}>
                  <span className="clip totals-name" title={row.title}>
                    {row.title}
                  </span>
                  <span
                    className="share"
                    style={{ inlineSize: `${((row.up + row.down) / most) * 100}%` }}
                    aria-hidden
                  />
                </th>
                {COLUMNS.map((key) => (
                  <td key={key} className="number right">
                    {key === 'down' || key === 'up' ? bytes(row[key]) : count(row[key], language())}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <footer className="totals-foot">
        {totals !== null && rows.length === 0 ? (
          <span>{filter === '' ? t('totals.none') : t('totals.noMatch', { filter })}</span>
        ) : (
          <span>
            {totals === null
              ? ''
              : t('totals.since', { day: longDay(totals.from, language()), count: rows.length })}
          </span>
        )}
        {rows.length > shown && (
          <Button look="quiet" onClick={() => setShown(shown + PAGE)}>
            {t('totals.more', { count: Math.min(PAGE, rows.length - shown) })}
          </Button>
        )}
      </footer>
    </section>
  );
}

function Head({
  name,
  title,
  sort,
  choose,
}: {
  name: SortKey;
  title: string;
  sort: { key: SortKey; descending: boolean };
  choose: (sort: { key: SortKey; descending: boolean }) => void;
}): ReactNode {
  const active = sort.key === name;
  return (
    <th
      scope="col"
      className={name === 'name' ? undefined : 'right'}
      aria-sort={active ? (sort.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        className="sort"
        // amounts are most interesting from the top, names from A
        onClick={() => choose({ key: name, descending: active ? !sort.descending : name !== 'name' })}
      >
        {title}
        <span className="sort-mark" aria-hidden>
          {active ? (sort.descending ? '↓' : '↑') : ''}
        </span>
      </button>
    </th>
  );
}

/** What the host answered; for what the window counts itself, with what has moved since. */
function useTotals(period: TrafficPeriod, kind: TotalsKind): TrafficTotals | null {
  const { client, live } = useModel();
  const key = `${period} ${kind}`;
  const [answer, setAnswer] = useState<{ key: string; totals: TrafficTotals; sums: RunningSums } | null>(
    null,
  );
  useEffect(() => {
    let gone = false;
    const ask = async (): Promise<void> => {
      if (document.hidden) return;
      const reply = await client.call('traffic.totals', { period, kind });
      if (!gone && reply.ok)
        setAnswer({ key, totals: reply.value, sums: new RunningSums(reply.value.rows, live, kind) });
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [client, live, period, kind, key]);
  const tick = useSignal(live.tables);
  return useMemo(
    () => (answer?.key === key ? { ...answer.totals, rows: answer.sums.at(live) } : null),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the live store changes in place; `tick` tells when
    [answer, key, live, tick],
  );
}

function comparison(
  key: SortKey,
  descending: boolean,
): (a: TrafficSum & { title: string }, b: TrafficSum & { title: string }) => number {
  const turn = descending ? -1 : 1;
  if (key === 'name') return (a, b) => turn * a.title.localeCompare(b.title);
  return (a, b) => turn * (a[key] - b[key]) || a.title.localeCompare(b.title);
}

function rowTitle(name: string, kind: TotalsKind): string {
  if (name === OTHERS) return t('charts.others');
  if (name !== '') return name;
  return kind === 'chain' ? t('direct') : t('totals.unknown');
}
