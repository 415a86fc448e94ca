/** What the host says about a place of a lane, on the spot: the gravest first. */
import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Finding } from '../../../core/contract/config.ts';
import { change } from '../../actions/host.ts';
import { useModel } from '../../components/context.ts';
import { hostText, t } from '../../i18n/index.ts';

const RANK = { blocks: 0, changes: 1, hint: 2, ignored: 3 } as const;
const ICONS = { blocks: CircleAlert, changes: TriangleAlert, hint: Info, ignored: Info } as const;

/** `fixes`: with the button that puts it right, where there is one. */
export function Notes({
  findings,
  fixes = false,
}: {
  findings: readonly Finding[];
  fixes?: boolean;
}): ReactNode {
  const model = useModel();
  if (findings.length === 0) return null;
  const sorted = [...findings].sort((a, b) => RANK[a.grade] - RANK[b.grade]);
  return (
    <ul className="notes">
      {sorted.map((finding, index) => {
        const { grade, message, fix } = finding;
        const Icon = ICONS[grade];
        return (
          <li key={index} className={`note note-${grade}`}>
            <Icon aria-hidden />
            <span>
              <span className="hidden">{t(`grade.${grade}`)}: </span>
              {hostText(message)}
              {fixes && fix !== undefined && (
                <button
                  type="button"
                  className="link"
                  onClick={() =>
                    void change(model, { edits: [...fix.edits], focus: null }, hostText(fix.label), true)
                  }
                >
                  {hostText(fix.label)}
                </button>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
