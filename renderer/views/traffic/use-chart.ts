/** The data of the charts for a range: what the window saw for the last minutes, what the host remembers for longer, asked for again as time passes. */
import { useEffect, useMemo, useState } from 'react';
import type { TrafficHistory } from '../../../core/contract/traffic.ts';
import type { WireError } from '../../../core/contract/errors.ts';
import { useModel, useSignal } from '../../components/context.ts';
import { chartOfHistory, chartOfSamples, continued, type ChartData } from '../../store/chart.ts';
import { FIVE_MINUTES_S, MINUTE_S } from '../../store/samples.ts';
import type { TrafficSpan } from '../../store/ui.ts';

/** How often the host is asked, by what can have changed in between. */
const ASK_MS: Readonly<Record<Exclude<TrafficSpan, '1min'>, number>> = {
  '5min': 60_000,
  '1h': 5_000,
  '24h': 30_000,
  '30d': 60_000,
};

export interface Shown {
  readonly chart: ChartData | null;
  readonly error: WireError | null;
}

export function useChart(span: TrafficSpan, by: 'service' | 'chain'): Shown {
  const model = useModel();
  const live = span === '1min' || span === '5min';
  const asked = useHistory(span, by);
  const changes = useSignal(model.samples.changed);
  // four times a second for a minute, once a second for five
  const tick = !live ? 0 : span === '1min' ? changes : (model.samples.slow.at(-1)?.at ?? 0);
  const { history, error } = asked;
  const chart = useMemo(() => {
    if (!live) return history === null ? null : chartOfHistory(history);
    const { fast, slow } = model.samples;
    const now = fast.at(-1)?.at ?? history?.at;
    // nothing has come from the host yet
    if (now === undefined) return null;
    if (span === '1min') return chartOfSamples(fast, MINUTE_S, by, now);
    const seen = chartOfSamples(slow, FIVE_MINUTES_S, by, now);
    return history === null ? seen : continued(chartOfHistory(history), seen);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the samples change in place; `tick` tells when
  }, [live, span, by, history, tick, model]);
  return { chart, error: live ? null : error };
}

function useHistory(
  span: TrafficSpan,
  by: 'service' | 'chain',
): { history: TrafficHistory | null; error: WireError | null } {
  const { client } = useModel();
  const key = `${span} ${by}`;
  const [answer, setAnswer] = useState<{
    key: string;
    history: TrafficHistory | null;
    error: WireError | null;
  }>({ key: '', history: null, error: null });
  useEffect(() => {
    if (span === '1min') return undefined;
    let gone = false;
    const ask = async (): Promise<void> => {
      if (document.hidden) return;
      const reply = await client.call('traffic.history', { range: span, by });
      if (gone) return;
      setAnswer((last) =>
        reply.ok
          ? { key, history: reply.value, error: null }
          : { key, history: last.key === key ? last.history : null, error: reply.error },
      );
    };
    const now = (): void => void ask();
    now();
    const timer = setInterval(now, ASK_MS[span]);
    document.addEventListener('visibilitychange', now);
    return () => {
      gone = true;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', now);
    };
  }, [client, span, by, key]);
  // what was asked for before is not what is asked for now
  return answer.key === key ? answer : { history: null, error: null };
}
