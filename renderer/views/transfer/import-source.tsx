/** The text as it was given, read-only, with a mark at every line that something is to be said about. Only the lines in sight are drawn. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { Eye, EyeOff } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { Finding, Grade } from '../../../core/contract/config.ts';
import type { ImportReview } from '../../../core/contract/imports.ts';
import { IconButton } from '../../components/button.tsx';
import { useModel, useTransfer } from '../../components/context.ts';
import { flat } from '../../edits/import-choice.ts';
import { maskedLine } from '../../edits/mask.ts';
import { hostText, t } from '../../i18n/index.ts';
import { GradeMark } from './grade-mark.tsx';

const LINE_PX = 20;
/** Most serious first: a line shows one mark. */
const ORDER: readonly Grade[] = ['blocks', 'changes', 'ignored', 'hint'];

export function ImportSourcePane({ review }: { review: ImportReview }): ReactNode {
  const model = useModel();
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const shown = useTransfer((state) => state.shown);
  const line = useTransfer((state) => state.line);
  const lines = useMemo(() => review.text.split(/\r?\n/), [review.text]);
  const marks = useMemo(() => byLine(review.findings), [review.findings]);
  const item = flat(review.items).find(({ id }) => id === shown);
  // it writes what it measured into the element's style attribute, which React would do too
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 20,
  });
  useEffect(() => {
    if (line > 0) rows.scrollToIndex(line - 1, { align: 'center' });
    // the virtualizer is the same for the life of the pane
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [line]);
  return (
    <section className="import-source" aria-label={t('transfer.sourceLabel')}>
      <header>
        <h3>{t('transfer.sourceLabel')}</h3>
        <IconButton
          label={open ? t('transfer.hidePasswords') : t('transfer.showPasswords')}
          aria-pressed={open}
          onClick={() => setOpen(!open)}
        >
          {open ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </IconButton>
      </header>
      <div
        ref={scroller}
        className="import-lines"
        tabIndex={0}
        role="region"
        aria-label={t('transfer.sourceText')}
      >
        <div style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const found = marks.get(index + 1) ?? [];
            const grade = ORDER.find((one) => found.some((finding) => finding.grade === one));
            const inside = item !== undefined && index + 1 >= item.line && index + 1 <= item.endLine;
            return (
              <div
                key={index}
                className={`import-line${inside ? ' import-line-inside' : ''}${index + 1 === line ? ' import-line-shown' : ''}`}
                style={{ transform: `translateY(${start}px)` }}
                onClick={() => model.transfer.setState({ line: index + 1 })}
              >
                <span
                  className="import-mark"
                  title={found.map(({ message }) => hostText(message)).join('\n')}
                >
                  {grade !== undefined && <GradeMark grade={grade} />}
                </span>
                <span className="import-number">{index + 1}</span>
                <code dir="ltr">{open ? lines[index] : maskedLine(lines[index] ?? '')}</code>
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

function byLine(findings: readonly Finding[]): ReadonlyMap<number, readonly Finding[]> {
  const lines = new Map<number, Finding[]>();
  for (const finding of findings) lines.set(finding.line, [...(lines.get(finding.line) ?? []), finding]);
  return lines;
}
