/** What an import holds, as a tree with check marks. Arrows move, Space takes in or leaves out, Enter shows. */
import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import type { ImportItem, ImportReview } from '../../../core/contract/imports.ts';
import { toggleItem } from '../../actions/transfer.ts';
import { useModel, useTransfer } from '../../components/context.ts';
import { flat, markOf } from '../../edits/import-choice.ts';
import { t } from '../../i18n/index.ts';

export function ImportTree({ review }: { review: ImportReview }): ReactNode {
  const model = useModel();
  const tree = useRef<HTMLUListElement>(null);
  const shown = useTransfer((state) => state.shown);
  const all = flat(review.items);
  const current = shown ?? all[0]?.id ?? null;
  const show = (item: ImportItem): void => {
    model.transfer.setState({ shown: item.id, line: item.line });
    tree.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(item.id)}"]`)?.focus();
  };
  const keys = (event: KeyboardEvent): void => {
    const at = all.findIndex(({ id }) => id === current);
    const item = all[at];
    const next =
      event.key === 'ArrowDown'
        ? all[at + 1]
        : event.key === 'ArrowUp'
          ? all[at - 1]
          : event.key === 'Home'
            ? all[0]
            : event.key === 'End'
              ? all.at(-1)
              : undefined;
    if (next !== undefined) show(next);
    else if (event.key === ' ' && item !== undefined)
      toggleItem(model, item, markOf(item, model.transfer.getState().taken) !== true);
    else if (event.key === 'Enter' && item !== undefined && !event.ctrlKey && !event.metaKey) show(item);
    else return;
    event.preventDefault();
  };
  if (all.length === 0) return <p className="import-tree import-none">{t('transfer.nothingHere')}</p>;
  return (
    <ul
      ref={tree}
      className="import-tree"
      role="tree"
      aria-label={t('transfer.items')}
      aria-multiselectable
      onKeyDown={keys}
    >
      {review.items.map((item) => (
        <Branch key={item.id} item={item} level={1} current={current} show={show} />
      ))}
    </ul>
  );
}

function Branch({
  item,
  level,
  current,
  show,
}: {
  item: ImportItem;
  level: number;
  current: string | null;
  show: (item: ImportItem) => void;
}): ReactNode {
  const model = useModel();
  const taken = useTransfer((state) => state.taken);
  const mark = markOf(item, taken);
  const fixed = item.state === 'blocked' || item.state === 'same';
  const state = fixed ? item.state : mark === false ? 'skipped' : item.state;
  const name = item.name === '' ? item.id : item.name;
  return (
    <li role="none">
      <div
        className={`import-item${current === item.id ? ' import-item-shown' : ''}`}
        role="treeitem"
        data-id={item.id}
        aria-level={level}
        aria-checked={fixed ? false : mark === 'mixed' ? 'mixed' : mark}
        aria-disabled={fixed}
        aria-selected={current === item.id}
        tabIndex={current === item.id ? 0 : -1}
        style={{ paddingInlineStart: 8 + (level - 1) * 18 }}
        onClick={() => show(item)}
      >
        <span
          className={`import-check${fixed ? ' import-check-fixed' : ''}`}
          data-mark={fixed ? 'none' : String(mark)}
          aria-hidden
          onClick={(event) => {
            event.stopPropagation();
            show(item);
            toggleItem(model, item, mark !== true);
          }}
        />
        <span className="import-item-name">
          <span className="import-item-kind">{t(`importKind.${item.kind}`)}</span>{' '}
          <bdi dir="auto">{name}</bdi>
          {item.detail !== '' && (
            <span className="import-item-detail" dir="ltr">
              {' '}
              {item.detail}
            </span>
          )}
        </span>{' '}
        <span className={`import-state import-state-${state}`}>{t(`importState.${state}`)}</span>
      </div>
      {item.children.length > 0 && (
        <ul role="group">
          {item.children.map((child) => (
            <Branch key={child.id} item={child} level={level + 1} current={current} show={show} />
          ))}
        </ul>
      )}
    </li>
  );
}
