/** The sentence over a review: what was found, and what of it needs a look. */
import type { Grade } from '../../../core/contract/config.ts';
import type { ImportReview } from '../../../core/contract/imports.ts';
import { language, t } from '../../i18n/index.ts';

const COUNTED = [
  'service',
  'chain',
  'bypass',
  'auther',
  'admission',
  'resolver',
  'hosts',
  'limiter',
] as const;

export function summary({ items, findings, secrets }: ImportReview): string {
  const found = COUNTED.flatMap((kind) => {
    const count = items.filter((item) => item.kind === kind).length;
    return count === 0 ? [] : [t(`importCount.${kind}`, { count })];
  });
  const graded = (grade: Grade): number => findings.filter((finding) => finding.grade === grade).length;
  const [blocks, changes, ignored] = [graded('blocks'), graded('changes'), graded('ignored')];
  const parts = [
    found.length === 0 ? t('transfer.foundNothing') : t('transfer.found', { list: listed(found) }),
    ...(blocks > 0 ? [t('transfer.blocks', { count: blocks })] : []),
    ...(changes > 0 ? [t('transfer.changes', { count: changes })] : []),
    ...(ignored > 0 ? [t('transfer.ignored', { count: ignored })] : []),
    ...(secrets > 0 ? [t('transfer.secrets', { count: secrets })] : []),
  ];
  return parts.join(language() === 'zh' ? '' : ' ');
}

function listed(parts: readonly string[]): string {
  return new Intl.ListFormat(language() === 'zh' ? 'zh-Hans' : 'en', { type: 'unit' }).format(parts);
}
