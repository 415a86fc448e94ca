/** One hop of a lane: the point to insert before it, its header with the pick rule, its nodes. */
import { useDraggable, useDroppable } from '@dnd-kit/core';
import { Eye, EyeOff, GripVertical, Plus } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import type { Finding, Hop } from '../../../core/contract/config.ts';
import { inspectPlace, skipPlace } from '../../actions/lane.ts';
import { IconButton } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { isSkipped, nodesOf, pickRule, type Place } from '../../edits/chains.ts';
import { findingsAt } from '../../edits/services.ts';
import { took } from '../../format/time.ts';
import { t } from '../../i18n/index.ts';
import { dragId, landingId } from './dragged.ts';
import { HopMenu } from './hop-menu.tsx';
import { NodeCard } from './node-card.tsx';
import { Notes } from './notes.tsx';
import { RenameField, samePlace } from './rename-field.tsx';

const NONE: readonly Finding[] = [];

interface HopAbout {
  /** Index of its chain, and the name of it. */
  readonly chain: number;
  readonly name: string;
  readonly hop: Hop;
  readonly index: number;
}

/** What a drag changes; the rest of the hop is drawn again only when the hop itself changes. */
export function HopColumn({ focused, ...about }: HopAbout & { focused: Place | null }): ReactNode {
  const { chain, hop, index } = about;
  const {
    setNodeRef: gripRef,
    listeners,
    isDragging,
  } = useDraggable({ id: dragId({ from: 'lane', chain, hop: index, node: null }) });
  const { setNodeRef: columnRef, isOver } = useDroppable({
    id: landingId({ on: 'column', chain, hop: index }),
    // a shared hop is changed where it is defined
    disabled: hop.nodes === undefined,
  });
  // the first place of a lane is where Tab enters it
  const entry =
    focused === null || focused.hop === null ? index === 0 : focused.hop === index && focused.node === null;
  return (
    <div
      role="row"
      aria-label={hop.name}
      ref={columnRef}
      className={`hop${isSkipped(hop) ? ' hop-skipped' : ''}${isDragging ? ' hop-dragged' : ''}${isOver && !isDragging ? ' hop-over' : ''}`}
    >
      <HopGap {...about} />
      <HopBody
        {...about}
        entry={entry}
        focusedNode={focused?.hop === index ? focused.node : null}
        gripRef={gripRef}
        listeners={listeners}
      />
    </div>
  );
}

/** The way to the hop: what it added in the last test, and where another hop is put before it. */
function HopGap({ chain, name, hop, index }: HopAbout): ReactNode {
  const model = useModel();
  const { setNodeRef, isOver } = useDroppable({ id: landingId({ on: 'gap', chain, gap: index }) });
  return (
    <div role="gridcell" ref={setNodeRef} className={`lane-arrow${isOver ? ' lane-gap-over' : ''}`}>
      {!isSkipped(hop) && <Adds chain={name} hop={index} />}
      <IconButton
        label={t('chains.addHopBefore', { hop: hop.name ?? '' })}
        onClick={() => model.ui.setState({ adding: { kind: 'hop', chain, index } })}
      >
        <Plus aria-hidden />
      </IconButton>
    </div>
  );
}

const HopBody = memo(function HopBody({
  chain,
  name,
  hop,
  index,
  entry,
  focusedNode,
  gripRef,
  listeners,
}: HopAbout & {
  entry: boolean;
  focusedNode: number | null;
  gripRef: (element: HTMLElement | null) => void;
  listeners: ReturnType<typeof useDraggable>['listeners'];
}): ReactNode {
  const model = useModel();
  const nodes = nodesOf(hop);
  const skipped = isSkipped(hop);
  const renaming = useUi((state) => state.renaming);
  const findings = useHost((state) => state.config?.findings ?? NONE);
  const said = findingsAt(findings, ['chains', chain, 'hops', index]).filter(
    ({ path }) => path[4] !== 'nodes',
  );
  const place: Place = { chain, hop: index, node: null };
  return (
    <div role="presentation" className="hop-body">
      <div
        role="gridcell"
        className="hop-head"
        data-place={`${index}/`}
        tabIndex={entry ? 0 : -1}
        onFocus={(event) => {
          if (event.target === event.currentTarget) model.ui.setState({ place });
        }}
        onKeyDown={(event) => {
          if (event.target !== event.currentTarget || event.key !== 'Enter') return;
          event.preventDefault();
          inspectPlace(model, place);
        }}
      >
        <span className="hop-grip" ref={gripRef} {...listeners} aria-hidden>
          <GripVertical />
        </span>
        <span className="hidden">{t('chains.hop', { position: index + 1 })}</span>
        {samePlace(renaming, place) ? (
          <RenameField place={place} />
        ) : (
          <button
            type="button"
            className="hop-name"
            tabIndex={-1}
            onClick={() => inspectPlace(model, place)}
            onDoubleClick={() => model.ui.setState({ place, renaming: place })}
          >
            <span dir="auto">{hop.name ?? t('words.hop')}</span>
            <span className="hop-rule">{nodes.length > 1 ? t(`rule.${pickRule(hop)}`) : t('rule.only')}</span>
          </button>
        )}
        <IconButton
          label={t(skipped ? 'chains.useHop' : 'chains.skipHop', { hop: hop.name ?? '' })}
          aria-pressed={skipped}
          tabIndex={-1}
          onClick={() => void skipPlace(model, place)}
        >
          {skipped ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </IconButton>
        <HopMenu place={place} hop={hop} count={nodes.length} />
      </div>
      {nodes.map((node, at) => (
        <NodeCard
          key={node.name ?? at}
          chain={chain}
          chainName={name}
          hop={index}
          hopName={hop.name ?? `hop-${index}`}
          index={at}
          node={node}
          skipped={skipped}
          choice={nodes.length > 1}
          entry={focusedNode === at}
        />
      ))}
      {said.length > 0 && (
        <div role="gridcell">
          <Notes findings={said} fixes />
        </div>
      )}
      {hop.nodes !== undefined && (
        <div role="gridcell" className="hop-add">
          <button
            type="button"
            className="hop-add-node"
            tabIndex={-1}
            onClick={() => model.ui.setState({ adding: { kind: 'node', chain, hop: index } })}
          >
            <Plus aria-hidden />
            {t('chains.node')}
          </button>
        </div>
      )}
      {hop.nodes === undefined && (
        <div role="gridcell" className="hop-shared">
          {t('chains.sharedHop')}
        </div>
      )}
    </div>
  );
});

/** What the step to this hop added in the last test. */
function Adds({ chain, hop }: { chain: string; hop: number }): ReactNode {
  const adds = useHost(
    (state) =>
      state.tests.chains[chain]?.progress?.hops
        .find(({ at }) => at === hop)
        ?.nodes.find(({ picked }) => picked)?.adds ?? null,
  );
  if (adds === null) return null;
  return (
    <span className="lane-adds number" aria-hidden>
      +{took(adds.ms)}
    </span>
  );
}
