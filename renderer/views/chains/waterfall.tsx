/** The stages of a test in the order they happened, one row a station, to scale: where the time goes is seen at once. */
import type { CSSProperties, ReactNode } from 'react';
import type { StationTest } from '../../../core/contract/runs.ts';
import { hostPort } from '../../format/address.ts';
import { took } from '../../format/time.ts';
import { t } from '../../i18n/index.ts';
import type { ChainRun } from '../../store/tests.ts';

interface Row {
  readonly name: string;
  readonly station: StationTest;
}

export function Waterfall({ run }: { run: ChainRun }): ReactNode {
  const { progress } = run;
  if (progress === null) return null;
  const rows: Row[] = [
    ...progress.hops.flatMap(({ name, nodes }): Row[] => {
      const picked = nodes.find((node) => node.picked);
      return picked === undefined ? [] : [{ name, station: picked }];
    }),
    { name: hostPort(run.about.target), station: progress.target },
  ];
  const sums = rows.map(({ station }) => station.stages.reduce((sum, { ms }) => sum + (ms ?? 0), 0));
  const total = Math.max(
    0.001,
    sums.reduce((sum, ms) => sum + ms, 0),
  );
  let before = 0;
  return (
    <table className="waterfall">
      <caption className="hidden">{t('chainTest.stages', { chain: run.about.chain })}</caption>
      <tbody>
        {rows.map(({ name, station }, index) => {
          const start = before;
          before += sums[index] ?? 0;
          return (
            <tr key={`${index}:${name}`}>
              <th scope="row" dir="auto">
                {name}
              </th>
              <td className="waterfall-track" aria-hidden>
                <Bar station={station} start={start / total} total={total} />
              </td>
              <td className="waterfall-stages">
                <Stages station={station} />
                {index === rows.length - 1 && progress.target.silent && (
                  <span className="muted">{t('chainTest.silent')}</span>
                )}
              </td>
              <td className="number waterfall-adds">
                {station.adds !== null && (
                  <>
                    {took(station.adds.ms)}
                    {station.tried > 1 && (
                      <span className="muted">
                        {' '}
                        {t('chainTest.spread', { min: took(station.adds.min), max: took(station.adds.max) })}
                      </span>
                    )}
                  </>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Bar({ station, start, total }: { station: StationTest; start: number; total: number }): ReactNode {
  let at = start;
  return station.stages.map(({ stage, ms }) => {
    const width = (ms ?? 0) / total;
    const style: CSSProperties = { insetInlineStart: `${at * 100}%`, width: `${width * 100}%` };
    at += width;
    const failed = ms === null && station.failedAt === stage;
    return (
      <span
        key={stage}
        className={`waterfall-bar stage-${stage}${failed ? ' stage-failed' : ''}`}
        style={style}
      />
    );
  });
}

function Stages({ station }: { station: StationTest }): ReactNode {
  if (station.state === 'not_reached') return <span className="muted">{t('outcome.unreached')}</span>;
  return station.stages.map(({ stage, ms }) => {
    const failed = ms === null && station.failedAt === stage;
    return (
      <span key={stage} className={`stage${failed ? ' stage-bad' : ''}`}>
        <i className={`stage-dot stage-${stage}${failed ? ' stage-failed' : ''}`} aria-hidden />
        {t(`stage.${stage}`)}{' '}
        <span className="number">{ms === null ? (failed ? t('outcome.failed') : '…') : took(ms)}</span>
      </span>
    );
  });
}
