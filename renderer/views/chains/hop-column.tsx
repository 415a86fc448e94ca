/** One hop of a lane: the point to insert before it, its header with the pick rule, its nodes. */
import { useDraggable, useDroppable } from '@dnd-kit/core';
import {
  Activity,
  ArrowLeft,
  ArrowRight,
  CopyPlus,
  Eye,
  EyeOff,
  GripVertical,
  MoreHorizontal,
  Pencil,
  Plus,
  TextCursorInput,
  Trash2,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { Finding, Hop } from '../../../core/contract/config.ts';
import { change } from '../../actions/host.ts';
import {
  duplicateFocused,
  inspectPlace,
  moveFocusedHop,
  openAddHop,
  openAddNode,
  removePlace,
  skipPlace,
  testFromFocused,
} from '../../actions/lane.ts';
import { IconButton } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { Menu } from '../../components/menu.tsx';
import { isSkipped, nodesOf, pickRule, PICK_RULES, setPickRule, type Place } from '../../edits/chains.ts';
import { findingsAt } from '../../edits/services.ts';
import { took } from '../../format/time.ts';
import { t } from '../../i18n/index.ts';
import { clipItems } from './clip-items.tsx';
import type { Dragged } from './dragged.ts';
import { NodeCard } from './node-card.tsx';
import { Notes } from './notes.tsx';
import { RenameField, samePlace } from './rename-field.tsx';

const NONE: readonly Finding[] = [];

export function HopColumn({
  chain,
  name,
  hop,
  index,
  focused,
}: {
  chain: number;
  name: string;
  hop: Hop;
  index: number;
  focused: Place | null;
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
  const data: Dragged = { hop: index, node: null };
  const {
    setNodeRef: gripRef,
    listeners,
    isDragging,
  } = useDraggable({ id: `hop:${chain}:${index}`, data: { ...data } });
  const { setNodeRef: columnRef, isOver } = useDroppable({
    id: `column:${chain}:${index}`,
    data: { ...data },
  });
  // the first place of a lane is where Tab enters it
  const entry =
    focused === null || focused.hop === null ? index === 0 : focused.hop === index && focused.node === null;
  return (
    <div
      role="row"
      aria-label={hop.name}
      ref={columnRef}
      className={`hop${skipped ? ' hop-skipped' : ''}${isDragging ? ' hop-dragged' : ''}${isOver && !isDragging ? ' hop-over' : ''}`}
    >
      <div role="gridcell" className="lane-arrow">
        {!skipped && <Adds chain={name} hop={index} />}
        <IconButton
          label={t('chains.addHopBefore', { hop: hop.name ?? '' })}
          onClick={() => model.ui.setState({ adding: { kind: 'hop', chain, index } })}
        >
          <Plus aria-hidden />
        </IconButton>
      </div>
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
              <span className="hop-rule">
                {nodes.length > 1 ? t(`rule.${pickRule(hop)}`) : t('rule.only')}
              </span>
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
            chain={name}
            hopName={hop.name ?? `hop-${index}`}
            skipped={skipped}
            node={node}
            place={{ chain, hop: index, node: at }}
            entry={focused?.hop === index && focused.node === at}
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
    </div>
  );
}

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

function HopMenu({ place, hop, count }: { place: Place; hop: Hop; count: number }): ReactNode {
  const model = useModel();
  const onPlace = (act: () => void) => () => {
    model.ui.setState({ place });
    act();
  };
  const at = { chain: place.chain, hop: place.hop ?? 0 };
  return (
    <Menu
      trigger={
        <IconButton label={t('chains.more', { name: hop.name ?? '' })}>
          <MoreHorizontal aria-hidden />
        </IconButton>
      }
      groups={[
        [
          { label: t('chains.edit'), icon: <Pencil aria-hidden />, run: () => inspectPlace(model, place) },
          {
            label: t('action.addNode'),
            icon: <Plus aria-hidden />,
            keys: 'N',
            run: onPlace(() => openAddNode(model)),
          },
          {
            label: t('action.rename'),
            icon: <TextCursorInput aria-hidden />,
            keys: 'F2',
            run: () => model.ui.setState({ place, renaming: place }),
          },
          {
            label: t('chains.skip'),
            icon: <EyeOff aria-hidden />,
            keys: 'B',
            checked: isSkipped(hop),
            run: () => void skipPlace(model, place),
          },
        ],
        [
          {
            label: t('action.hopBefore'),
            icon: <Plus aria-hidden />,
            keys: 'Shift A',
            run: onPlace(() => openAddHop(model, 'before')),
          },
          {
            label: t('action.hopAfter'),
            icon: <Plus aria-hidden />,
            keys: 'A',
            run: onPlace(() => openAddHop(model, 'after')),
          },
        ],
        [
          {
            label: t('action.testFrom'),
            icon: <Activity aria-hidden />,
            keys: 'Shift T',
            run: onPlace(() => void testFromFocused(model)),
          },
        ],
        clipItems(model, place),
        count > 1
          ? PICK_RULES.map((rule) => ({
              label: t(`rule.${rule}`),
              checked: pickRule(hop) === rule,
              run: () =>
                void change(model, setPickRule(at, rule), t('chains.ruleSet', { rule: t(`rule.${rule}`) })),
            }))
          : [],
        [
          {
            label: t('action.hopLeft'),
            icon: <ArrowLeft aria-hidden />,
            keys: 'Alt ←',
            run: onPlace(() => void moveFocusedHop(model, -1)),
          },
          {
            label: t('action.hopRight'),
            icon: <ArrowRight aria-hidden />,
            keys: 'Alt →',
            run: onPlace(() => void moveFocusedHop(model, 1)),
          },
          {
            label: t('action.duplicate'),
            icon: <CopyPlus aria-hidden />,
            keys: 'Ctrl D',
            run: onPlace(() => void duplicateFocused(model)),
          },
        ],
        [
          {
            label: t('chains.removeHop'),
            icon: <Trash2 aria-hidden />,
            danger: true,
            keys: 'Del',
            run: () => void removePlace(model, place),
          },
        ],
      ]}
    />
  );
}
