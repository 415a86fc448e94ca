/**
 * One chain as a lane. A grid for the keyboard: arrows walk the hops and their nodes, Enter opens the inspector, the rest are
 * actions (actions/list.ts) on the focused place. Dragging (lane-drag.tsx) is a third way to what keys and menus do.
 */
import { useDroppable } from '@dnd-kit/core';
import { CopyPlus, MoreHorizontal, Pencil, Plus, TextCursorInput, Trash2 } from 'lucide-react';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import type { Chain } from '../../../core/contract/config.ts';
import { duplicateFocused, forLane, inspectPlace, pasteText, removePlace } from '../../actions/lane.ts';
import { IconButton } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { Menu } from '../../components/menu.tsx';
import { servicesOf } from '../../edits/chain-users.ts';
import { hopsOf, nodesOf, type Place } from '../../edits/chains.ts';
import { t } from '../../i18n/index.ts';
import { landingId } from './dragged.ts';
import { clipItems } from './clip-items.tsx';
import { HopColumn } from './hop-column.tsx';
import { Notes } from './notes.tsx';
import { PasteNode } from './paste-node.tsx';
import { RenameField, samePlace } from './rename-field.tsx';
import { TargetEnd } from './target-end.tsx';
import { TestFooter } from './test-footer.tsx';

export function Lane({ chain, index }: { chain: Chain; index: number }): ReactNode {
  const model = useModel();
  const name = chain.name ?? '';
  const hops = hopsOf(chain);
  const grid = useRef<HTMLDivElement>(null);
  const adding = useUi((state) =>
    state.adding !== null && state.adding.kind !== 'chain' && state.adding.chain === index
      ? state.adding
      : null,
  );
  const place = useUi((state) => (state.place?.chain === index ? state.place : null));
  const focus = useRef(place);

  // after a move the focus goes along, when it was in this lane
  useEffect(() => {
    if (place === null || place === focus.current) return;
    focus.current = place;
    const inside = grid.current?.closest('.lane')?.contains(document.activeElement) === true;
    const nowhere = document.activeElement === document.body;
    if (inside || nowhere) grid.current?.querySelector<HTMLElement>('[tabindex="0"][data-place]')?.focus();
  }, [place]);

  return (
    <section
      className="panel lane"
      aria-label={t('chains.lane', { name })}
      data-keys="lane"
      onPaste={(event) => {
        const text = event.clipboardData.getData('text/plain');
        const field =
          event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
        if (field || !forLane(text)) return; // a field takes it itself, the import takes whole files
        event.preventDefault();
        void pasteText(model, text);
      }}
    >
      <LaneHead name={name} index={index} />
      <LaneNotes name={name} index={index} />
      <div className="lane-scroll">
        <div className="lane-track">
          <span className="lane-end">{t('stream.you')}</span>
          <div
            ref={grid}
            role="grid"
            aria-label={t('chains.grid', { name })}
            className="lane-grid"
            onKeyDown={(event) => walk(event, index, chain, (next) => model.ui.setState({ place: next }))}
          >
            {hops.map((hop, at) => (
              <HopColumn
                key={hop.name ?? at}
                chain={index}
                name={name}
                hop={hop}
                index={at}
                focused={place}
              />
            ))}
          </div>
          <LaneEnd name={name} index={index} count={hops.length} />
          <TargetEnd chain={name} />
        </div>
      </div>
      {adding !== null && (
        <div className="lane-adding">
          <PasteNode adding={adding} />
        </div>
      )}
      <TestFooter chain={chain} index={index} />
    </section>
  );
}

/** Behind the last hop: where another one is added, or dropped. */
function LaneEnd({ name, index, count }: { name: string; index: number; count: number }): ReactNode {
  const model = useModel();
  const { setNodeRef, isOver } = useDroppable({ id: landingId({ on: 'gap', chain: index, gap: count }) });
  return (
    <span ref={setNodeRef} className={`lane-arrow${isOver ? ' lane-gap-over' : ''}`}>
      <IconButton
        label={t('chains.addHopEnd', { name })}
        onClick={() => model.ui.setState({ adding: { kind: 'hop', chain: index, index: count } })}
      >
        <Plus aria-hidden />
      </IconButton>
    </span>
  );
}

function LaneHead({ name, index }: { name: string; index: number }): ReactNode {
  const model = useModel();
  const config = useHost((state) => state.config?.config ?? null);
  const renaming = useUi((state) => state.renaming);
  const users = config === null ? [] : servicesOf(config, name);
  const whole: Place = { chain: index, hop: null, node: null };
  return (
    <header className="lane-head">
      {samePlace(renaming, whole) ? (
        <RenameField place={whole} />
      ) : (
        <h2
          dir="auto"
          title={name}
          onDoubleClick={() => model.ui.setState({ place: whole, renaming: whole })}
        >
          {name}
        </h2>
      )}
      {users.length === 0 ? (
        <span className="muted">{t('chains.unused')}</span>
      ) : (
        <span className="muted">
          {t('chains.usedBy')}{' '}
          {users.map(({ service }) => (
            <span key={service.name} className="badge" dir="auto" title={service.name}>
              {service.name}
            </span>
          ))}
        </span>
      )}
      <span className="grow" />
      <Menu
        trigger={
          <IconButton label={t('chains.more', { name })}>
            <MoreHorizontal aria-hidden />
          </IconButton>
        }
        groups={[
          [
            { label: t('chains.edit'), icon: <Pencil aria-hidden />, run: () => inspectPlace(model, whole) },
            {
              label: t('action.rename'),
              icon: <TextCursorInput aria-hidden />,
              keys: 'F2',
              run: () => model.ui.setState({ place: whole, renaming: whole }),
            },
          ],
          clipItems(model, whole),
          [
            {
              label: t('action.duplicate'),
              icon: <CopyPlus aria-hidden />,
              run: () => {
                model.ui.setState({ place: whole });
                void duplicateFocused(model);
              },
            },
          ],
          [
            {
              label: t('chains.remove'),
              icon: <Trash2 aria-hidden />,
              danger: true,
              run: () => void removePlace(model, whole),
            },
          ],
        ]}
      />
    </header>
  );
}

/** What is said about the chain as a whole, and about services because of it. */
function LaneNotes({ name, index }: { name: string; index: number }): ReactNode {
  const state = useHost(({ config }) => config);
  if (state === null) return null;
  const users = new Set(servicesOf(state.config, name).map((user) => user.index));
  const about = state.findings.filter(({ path, code }) => {
    const [section, at, part] = path;
    if (section === 'chains') return at === index && part !== 'hops';
    return section === 'services' && typeof at === 'number' && users.has(at) && OF_SERVICES.has(code);
  });
  return (
    <div className="lane-notes">
      <Notes findings={about} fixes />
    </div>
  );
}

/** What a chain does to the services that use it. */
const OF_SERVICES: ReadonlySet<string> = new Set(['loop', 'udp_stops', 'resolved_here']);

/** Arrows, Home and End from place to place. Alt is left to the actions that move things. */
function walk(
  event: KeyboardEvent<HTMLElement>,
  chain: number,
  { hops = [] }: Chain,
  go: (place: Place) => void,
): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const at = event.target instanceof HTMLElement ? event.target.dataset['place'] : undefined;
  if (at === undefined) return;
  const [hopText = '0', nodeText = ''] = at.split('/');
  const hop = Number(hopText);
  const node = nodeText === '' ? -1 : Number(nodeText);
  const count = (index: number): number => nodesOf(hops[index]).length;
  const to = (nextHop: number, nextNode: number): void => {
    if (nextHop < 0 || nextHop >= hops.length) return;
    event.preventDefault();
    const held = Math.min(nextNode, count(nextHop) - 1);
    go({ chain, hop: nextHop, node: held < 0 ? null : held });
  };
  switch (event.key) {
    case 'ArrowRight':
      return to(hop + 1, node);
    case 'ArrowLeft':
      return to(hop - 1, node);
    case 'ArrowDown':
      return to(hop, node + 1);
    case 'ArrowUp':
      return to(hop, node - 1);
    case 'Home':
      return to(0, node);
    case 'End':
      return to(hops.length - 1, node);
  }
}
