/** The right side of a review: what the item becomes, what is to be decided about it, and every finding with its line and its fix. */
import type { ReactNode } from 'react';
import type { Finding } from '../../../core/contract/config.ts';
import type { ImportItem, ImportReview, ImportSource } from '../../../core/contract/imports.ts';
import { decideClash, review as reviewAgain } from '../../actions/transfer.ts';
import { Button } from '../../components/button.tsx';
import { useModel, useTransfer } from '../../components/context.ts';
import { decisionOf, flat, type Decision } from '../../edits/import-choice.ts';
import { linesOf } from '../../edits/lines.ts';
import { hostText, t } from '../../i18n/index.ts';
import { GradeMark } from './grade-mark.tsx';
import { LineDiff } from './line-diff.tsx';

export function ImportDetail({ review, source }: { review: ImportReview; source: ImportSource }): ReactNode {
  const shown = useTransfer((state) => state.shown);
  const item = flat(review.items).find(({ id }) => id === shown);
  const own = item === undefined ? [] : review.findings.filter(({ path }) => within(path, item));
  const others = review.findings.filter((finding) => !own.includes(finding));
  return (
    <section className="import-detail" aria-label={t('transfer.detail')}>
      {item !== undefined && <ItemDetail item={item} review={review} />}
      {own.length > 0 && (
        <FindingList title={t('transfer.aboutThis')} findings={own} review={review} source={source} />
      )}
      {others.length > 0 && (
        <FindingList
          title={item === undefined ? t('transfer.allFindings') : t('transfer.otherFindings')}
          findings={others}
          review={review}
          source={source}
        />
      )}
      {item === undefined && review.findings.length === 0 && (
        <p className="import-fine">{t('transfer.allFine')}</p>
      )}
    </section>
  );
}

function within(path: Finding['path'], { path: start }: ImportItem): boolean {
  return start.every((step, index) => path[index] === step);
}

function ItemDetail({ item, review }: { item: ImportItem; review: ImportReview }): ReactNode {
  const names = new Map(review.items.map(({ id, name }) => [id, name]));
  return (
    <div className="import-what">
      <h3>
        {t(`importKind.${item.kind}`)} <bdi>{item.name === '' ? item.id : item.name}</bdi>
      </h3>
      {item.needs.length > 0 && (
        <p>{t('transfer.needs', { list: item.needs.map((id) => names.get(id) ?? id).join(', ') })}</p>
      )}
      {item.state === 'same' && <p>{t('transfer.sameText')}</p>}
      {item.state === 'blocked' && <p>{t('transfer.blockedText')}</p>}
      {item.state === 'changed' && <Clash item={item} />}
      {item.secretsDiffer && <p>{t('transfer.secretsDiffer')}</p>}
      <h4>{item.before === null ? t('transfer.becomes') : t('transfer.beforeAfter')}</h4>
      <LineDiff
        label={item.before === null ? t('transfer.becomes') : t('transfer.beforeAfter')}
        before={linesOf(item.before ?? item.after)}
        after={linesOf(item.after)}
        whole
      />
    </div>
  );
}

/** A name that is taken: what to do, for this one or for all. */
function Clash({ item }: { item: ImportItem }): ReactNode {
  const model = useModel();
  const chosen = useTransfer((state) => decisionOf(item, state));
  const options: readonly Decision[] =
    item.freeName === null ? ['replace', 'skip'] : ['rename', 'replace', 'skip'];
  const words = {
    rename: t('transfer.rename', { name: item.freeName ?? '' }),
    replace: t('transfer.replace'),
    skip: t('transfer.skip'),
  };
  return (
    <fieldset className="import-clash">
      <legend>{t('transfer.clash', { name: item.name })}</legend>
      {options.map((option) => (
        <label key={option}>
          <input
            type="radio"
            name={`clash-${item.id}`}
            checked={chosen === option}
            onChange={() => decideClash(model, item, option, false)}
          />
          {words[option]}
        </label>
      ))}
      <Button look="quiet" onClick={() => decideClash(model, item, chosen, true)}>
        {t('transfer.forAll')}
      </Button>
    </fieldset>
  );
}

function FindingList({
  title,
  findings,
  review,
  source,
}: {
  title: string;
  findings: readonly Finding[];
  review: ImportReview;
  source: ImportSource;
}): ReactNode {
  const model = useModel();
  const show = (finding: Finding): void => {
    const item = flat(review.items)
      .filter((one) => within(finding.path, one))
      .at(-1);
    model.transfer.setState({ line: finding.line, shown: item?.id ?? model.transfer.getState().shown });
  };
  return (
    <div className="import-findings">
      <h4>{title}</h4>
      <ul>
        {findings.map((finding, index) => (
          <li key={index} className={`finding finding-${finding.grade}`}>
            <span className="import-finding-mark">
              <GradeMark grade={finding.grade} />
            </span>
            <div>
              <button type="button" className="import-finding-place" onClick={() => show(finding)}>
                {finding.line > 0
                  ? t('transfer.place', { line: finding.line, column: finding.column })
                  : t(`grade.${finding.grade}`)}
              </button>{' '}
              <code>{finding.code}</code>
              <p>{hostText(finding.message)}</p>
              {finding.fix !== undefined && (
                <Button
                  onClick={() => void reviewAgain(model, source, null, finding.fix?.edits ?? [])}
                  aria-label={`${hostText(finding.fix.label)}: ${hostText(finding.message)}`}
                >
                  {hostText(finding.fix.label)}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
