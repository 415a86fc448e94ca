/** Name and value pairs in the inspector; what is empty is left out. */
import type { ReactNode } from 'react';

export function Facts({ facts }: { facts: readonly (readonly [string, string])[] }): ReactNode {
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="number" dir="auto">
              {value}
            </dd>
          </div>
        ))}
    </dl>
  );
}
