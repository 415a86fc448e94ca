/** Two texts one above the other, line by line: what goes with a minus, what comes with a plus. */
import { useMemo, type ReactNode } from 'react';
import { diffLines, hunks, type DiffLine } from '../../edits/lines.ts';
import { t } from '../../i18n/index.ts';

const SIGNS: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', removed: '−', added: '+' };

export function LineDiff({
  label,
  before,
  after,
  whole = false,
}: {
  label: string;
  before: readonly string[];
  after: readonly string[];
  /** Also the lines that are the same, all of them. */
  whole?: boolean;
}): ReactNode {
  const lines = useMemo(() => {
    const all = diffLines(before, after);
    return whole ? all : hunks(all);
  }, [before, after, whole]);
  if (lines.length === 0) return <p className="diff-none">{t('transfer.noDifference')}</p>;
  return (
    <div className="diff" dir="ltr" role="region" aria-label={label} tabIndex={0}>
      {lines.map((line, index) =>
        line === null ? (
          <div key={index} className="diff-gap" aria-hidden>
            ⋯
          </div>
        ) : (
          <div key={index} className={`diff-line diff-${line.kind}`}>
            <span className="diff-sign" aria-hidden>
              {SIGNS[line.kind]}
            </span>
            {line.kind !== 'same' && (
              <span className="hidden">
                {t(line.kind === 'removed' ? 'transfer.removedLine' : 'transfer.addedLine')}
              </span>
            )}
            <code>{line.text === '' ? ' ' : line.text}</code>
          </div>
        ),
      )}
    </div>
  );
}
