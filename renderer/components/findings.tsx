/** Findings as a list: mark, sentence, line when there is one. */
import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Finding, Grade } from '../../core/contract/config.ts';
import { hostText, t } from '../i18n/index.ts';

const ICONS: Readonly<Record<Grade, typeof Info>> = {
  blocks: CircleAlert,
  changes: TriangleAlert,
  ignored: Info,
  hint: Info,
};

export function Findings({
  findings,
  goTo,
}: {
  findings: readonly Finding[];
  /** Makes the lines links into the text. */
  goTo?: (line: number) => void;
}): ReactNode {
  if (findings.length === 0) return null;
  return (
    <ul className="findings">
      {findings.map((finding, index) => {
        const Icon = ICONS[finding.grade];
        return (
          <li key={index} className={`finding finding-${finding.grade}`}>
            <Icon aria-hidden />
            <span>
              <span className="hidden">{t(`grade.${finding.grade}`)}: </span>
              {hostText(finding.message)}
              {finding.line > 0 && goTo === undefined && (
                <span className="finding-line"> {t('finding.line', { line: finding.line })}</span>
              )}
              {finding.line > 0 && goTo !== undefined && (
                <button type="button" className="finding-link" onClick={() => goTo(finding.line)}>
                  {t('finding.line', { line: finding.line })}
                </button>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
