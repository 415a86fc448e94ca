/** The mark of a finding's grade: a shape of its own for each, so that colour is not needed to tell them apart. */
import { Ban, Dot, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Grade } from '../../../core/contract/config.ts';
import { t } from '../../i18n/index.ts';

const ICONS: Readonly<Record<Grade, typeof Info>> = {
  blocks: Ban,
  changes: TriangleAlert,
  ignored: Dot,
  hint: Info,
};

export function GradeMark({ grade }: { grade: Grade }): ReactNode {
  const Icon = ICONS[grade];
  return (
    <>
      <Icon className={`grade-mark grade-mark-${grade}`} aria-hidden />
      <span className="hidden">{t(`grade.${grade}`)}</span>
    </>
  );
}
