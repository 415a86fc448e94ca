/**
 * The shelf below the lanes: every proxy of the file, to be put into chains. Dragged into a column or between two; with keys around the
 * place the lanes had the focus on last; and from the menu of each.
 */
import { useDraggable } from '@dnd-kit/core';
import { Link2, Link2Off, Lock, Plus, X } from 'lucide-react';
import { useMemo, type KeyboardEvent, type ReactNode } from 'react';
import { takeItem, toggleShelf } from '../../actions/shelf.ts';
import { IconButton } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { Menu, type MenuItem } from '../../components/menu.tsx';
import { chainsOf, hopsOf, type Place } from '../../edits/chains.ts';
import { shelfOf, type ShelfItem } from '../../edits/shelf.ts';
import { hostText, t } from '../../i18n/index.ts';
import type { Model } from '../../model.ts';
import { dragId } from './dragged.ts';

export function Shelf(): ReactNode {
  const model = useModel();
  const config = useHost((state) => state.config?.config ?? null);
  const items = useMemo(() => shelfOf(config ?? {}), [config]);
  const at = useUi((state) => state.shelfAt);
  const entry = items.some(({ key }) => key === at) ? at : items[0]?.key;
  return (
    <section className="panel shelf" aria-label={t('shelf.title')} data-keys="shelf" data-region>
      <header className="shelf-head">
        <h2>{t('shelf.title')}</h2>
        <span className="muted">{t('shelf.hint')}</span>
        <span className="grow" />
        <IconButton label={t('shelf.close')} onClick={() => toggleShelf(model)}>
          <X aria-hidden />
        </IconButton>
      </header>
      {items.length === 0 ? (
        <p className="muted shelf-empty">{t('shelf.empty')}</p>
      ) : (
        <div
          className="shelf-items"
          role="toolbar"
          aria-label={t('shelf.items')}
          aria-orientation="horizontal"
          onKeyDown={walk}
        >
          {items.map((item) => (
            <ShelfCard key={item.key} item={item} entry={item.key === entry} />
          ))}
        </div>
      )}
    </section>
  );
}

function ShelfCard({ item, entry }: { item: ShelfItem; entry: boolean }): ReactNode {
  const model = useModel();
  const { node, chains, key } = item;
  const { setNodeRef, listeners, isDragging } = useDraggable({ id: dragId({ from: 'shelf', key }) });
  const connector = useHost((state) => state.schemas?.connectors[node.connector?.type ?? 'http']);
  const config = useHost((state) => state.config?.config ?? null);
  const place = useUi((state) => state.place);
  const transport = node.dialer?.type ?? 'tcp';
  const name = node.addr ?? '';
  return (
    <div
      ref={setNodeRef}
      className={`shelf-card${isDragging ? ' node-dragged' : ''}`}
      onFocus={() => model.ui.setState({ shelfAt: key })}
      {...listeners}
    >
      <span className="shelf-kind">
        {hostText(connector?.title ?? node.connector?.type ?? 'HTTP')}
        {transport !== 'tcp' && <span className="badge">{transport}</span>}
        {node.connector?.auth !== undefined && (
          <span className="node-lock">
            <Lock aria-hidden />
            <span className="hidden">{t('chains.withPassword')}</span>
          </span>
        )}
      </span>
      <span className="node-address" dir="ltr">
        {name}
      </span>
      <span className="shelf-use">
        {chains.length === 0 ? <Link2Off aria-hidden /> : <Link2 aria-hidden />}
        <span className="clip">
          {chains.length === 0 ? t('shelf.unused') : t('shelf.used', { chains: chains.join(', ') })}
        </span>
      </span>
      {/* a press on the menu does not hold the card */}
      <span className="shelf-menu" onPointerDown={(event) => event.stopPropagation()}>
        <Menu
          label={t('shelf.take', { name })}
          trigger={
            <IconButton label={t('shelf.take', { name })} data-shelf tabIndex={entry ? 0 : -1}>
              <Plus aria-hidden />
            </IconButton>
          }
          groups={config === null ? [] : groupsOf(model, item, place)}
        />
      </span>
    </div>
  );
}

/** Around the place the lanes had the focus on last, to the end of every chain, and as a chain of its own. */
function groupsOf(model: Model, item: ShelfItem, place: Place | null): readonly (readonly MenuItem[])[] {
  const chains = chainsOf(model.host.getState().config?.config ?? {});
  const to = (label: string, where: Parameters<typeof takeItem>[2], keys?: string): MenuItem => ({
    label,
    icon: <Plus aria-hidden />,
    ...(keys === undefined ? {} : { keys }),
    run: () => void takeItem(model, item, where),
  });
  const hop = place?.hop == null ? undefined : hopsOf(chains[place.chain])[place.hop];
  const name = hop?.name ?? '';
  const near =
    place?.hop == null || hop === undefined
      ? []
      : [
          to(t('shelf.after', { hop: name }), { chain: place.chain, gap: place.hop + 1 }, 'A'),
          to(t('shelf.before', { hop: name }), { chain: place.chain, gap: place.hop }, 'Shift A'),
          ...(hop.nodes === undefined
            ? []
            : [to(t('shelf.into', { hop: name }), { chain: place.chain, hop: place.hop }, 'N')]),
        ];
  const ends = chains.map((chain, at) =>
    to(t('shelf.end', { chain: chain.name ?? '' }), { chain: at, gap: hopsOf(chain).length }),
  );
  return [near, ends, [to(t('shelf.own'), { chain: null })]];
}

/** One Tab stop; arrows go from card to card. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const cards = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-shelf]')];
  const at = cards.findIndex((card) => card === event.target);
  const next = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: cards.length - 1,
  }[event.key];
  if (at === -1 || next === undefined) return;
  event.preventDefault();
  cards[next]?.focus();
}
