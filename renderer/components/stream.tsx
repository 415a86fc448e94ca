/**
 * The stream line: the way traffic takes, drawn as stations on a line from the programs on the left to the target on the
 * right. Used small beside a service and large on Home.
 */
import type { ReactNode } from 'react';

export interface Station {
  readonly label: string;
  readonly detail?: string | undefined;
  readonly kind: 'end' | 'service' | 'hop' | 'add';
  readonly tone?: 'ok' | 'bad' | 'idle';
  /** Drawn instead of a dot. */
  readonly action?: ReactNode;
}

export function Stream({ stations, label }: { stations: readonly Station[]; label: string }): ReactNode {
  return (
    <ol className="stream" aria-label={label}>
      {stations.map((station, index) => (
        <li
          key={`${station.kind}${index}`}
          className={`station station-${station.kind} station-${station.tone ?? 'ok'}`}
        >
          <span className="station-dot">{station.action}</span>
          <span
            className="station-label"
            dir={station.kind === 'end' || station.kind === 'add' ? undefined : 'ltr'}
          >
            {station.label}
          </span>
          {station.detail !== undefined && (
            <span className="station-detail" dir="ltr">
              {station.detail}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

/** The same way in one line of text: `A › B › Direct`. */
export function Way({
  names,
  direct,
}: {
  names: readonly string[];
  /** What is said without any; empty where the way was never found. */
  direct: string;
}): ReactNode {
  if (names.length === 0) return <span className="way way-direct">{direct === '' ? '–' : direct}</span>;
  return (
    <span className="way" dir="ltr">
      {names.map((name, index) => (
        <span key={index}>{name}</span>
      ))}
    </span>
  );
}
