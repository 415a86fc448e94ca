/** One node of a hop: what it is, whether it worked when last tested, what flows through it. */
import { useDraggable, useDroppable } from '@dnd-kit/core';
import {
  Activity,
  CopyPlus,
  EyeOff,
  Lock,
  MoreHorizontal,
  MoveDown,
  MoveUp,
  Pencil,
  TextCursorInput,
  Trash2,
  Unplug,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { Finding, Node } from '../../../core/contract/config.ts';
import {
  askIsolateFocused,
  duplicateFocused,
  inspectPlace,
  moveFocusedNode,
  removePlace,
  testFromFocused,
} from '../../actions/lane.ts';
import { IconButton } from '../../components/button.tsx';
import { useHost, useModel, useSignal, useUi } from '../../components/context.ts';
import { Menu } from '../../components/menu.tsx';
import { bytes } from '../../format/bytes.ts';
import { hostText, t } from '../../i18n/index.ts';
import type { Place } from '../../edits/chains.ts';
import { findingsAt } from '../../edits/services.ts';
import { nodeTest } from '../../store/tests.ts';
import { clipItems } from './clip-items.tsx';
import type { Dragged } from './dragged.ts';
import { Notes } from './notes.tsx';
import { kindOf, OutcomeMark } from './outcome.tsx';
import { RenameField, samePlace } from './rename-field.tsx';

const NONE: readonly Finding[] = [];

export function NodeCard({
  chain,
  hopName,
  node,
  place,
  entry,
  skipped,
}: {
  chain: string;
  hopName: string;
  node: Node;
  place: { chain: number; hop: number; node: number };
  entry: boolean;
  /** Its hop is left out of the way. */
  skipped: boolean;
}): ReactNode {
  const model = useModel();
  const selected = useUi(
    ({ selected: one }) =>
      one?.kind === 'place' &&
      one.place.chain === place.chain &&
      one.place.hop === place.hop &&
      one.place.node === place.node,
  );
  const connector = useHost((state) => state.schemas?.connectors[node.connector?.type ?? 'http']);
  const run = useHost((state) => state.tests.chains[chain]);
  const data: Dragged = { hop: place.hop, node: place.node };
  const id = `${place.chain}:${place.hop}:${place.node}`;
  const drag = useDraggable({ id: `node:${id}`, data: { ...data } });
  const drop = useDroppable({ id: `slot:${id}`, data: { ...data } });
  const transport = node.dialer?.type ?? 'tcp';
  const auth = node.connector?.auth ?? node.dialer?.auth;
  const test = nodeTest(run, place, { hop: hopName, node: node.name ?? `node-${place.node}` });
  const running = run?.state === 'running';
  const leftOut = skipped || place.hop < (run?.about.from?.hop ?? 0);
  const kind = leftOut ? 'skipped' : kindOf(test, running);
  const renaming = useUi((state) => state.renaming);
  const findings = useHost((state) => state.config?.findings ?? NONE);
  const said = findingsAt(findings, ['chains', place.chain, 'hops', place.hop, 'nodes', place.node]).filter(
    ({ grade }) => grade !== 'ignored',
  );
  return (
    <div
      role="gridcell"
      ref={(element) => {
        drag.setNodeRef(element);
        drop.setNodeRef(element);
      }}
      className={`node node-${kind}${drag.isDragging ? ' node-dragged' : ''}${drop.isOver && !drag.isDragging ? ' node-over' : ''}${selected ? ' node-selected' : ''}`}
      data-place={`${place.hop}/${place.node}`}
      tabIndex={entry ? 0 : -1}
      aria-selected={selected}
      onFocus={(event) => {
        if (event.target === event.currentTarget) model.ui.setState({ place });
      }}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget || event.key !== 'Enter') return;
        event.preventDefault();
        inspectPlace(model, place);
      }}
      onClick={() => inspectPlace(model, place)}
      {...drag.listeners}
    >
      <div className="node-top">
        <span className="node-protocol">{hostText(connector?.title ?? node.connector?.type ?? 'HTTP')}</span>
        {transport !== 'tcp' && <span className="badge">{transport}</span>}
        <UdpBadge carries={connector?.facts.udp ?? null} />
        {auth !== undefined && (
          <span className="node-lock" title={t('chains.withPassword')}>
            <Lock aria-hidden />
            <span className="hidden">{t('chains.withPassword')}</span>
          </span>
        )}
        <span className="grow" />
        <NodeMenu node={node} place={place} />
      </div>
      {samePlace(renaming, place) ? (
        <RenameField place={place} />
      ) : (
        <span
          className="node-address"
          dir="ltr"
          onDoubleClick={() => model.ui.setState({ place, renaming: place })}
        >
          {node.addr ?? ''}
        </span>
      )}
      <div className="node-bottom">
        {leftOut ? (
          <span className="mark mark-idle">
            <EyeOff aria-hidden />
            {t(skipped ? 'outcome.skipped' : 'outcome.leftOut')}
          </span>
        ) : (
          <OutcomeMark station={test} running={running} />
        )}
        <NodeTraffic name={node.name ?? ''} />
      </div>
      <Notes findings={said} />
    </div>
  );
}

function UdpBadge({ carries }: { carries: boolean | null }): ReactNode {
  if (carries === null) return <span className="badge badge-quiet">{t('chains.udpUnknown')}</span>;
  return carries ? (
    <span className="badge badge-udp">UDP</span>
  ) : (
    <span className="badge badge-quiet">{t('chains.noUdp')}</span>
  );
}

function NodeTraffic({ name }: { name: string }): ReactNode {
  const model = useModel();
  useSignal(model.traffic.changed);
  const totals = model.live.nodes.get(name);
  if (totals === undefined || totals.up + totals.down === 0) return null;
  const rate = model.live.nodeRates.of(name);
  if (rate.up + rate.down === 0)
    return <span className="number node-traffic">{bytes(totals.up + totals.down)}</span>;
  return (
    <span className="number node-traffic">
      <span className="rate-up">↑{bytes(rate.up)}/s</span>{' '}
      <span className="rate-down">↓{bytes(rate.down)}/s</span>
    </span>
  );
}

function NodeMenu({ node, place }: { node: Node; place: Place & { hop: number; node: number } }): ReactNode {
  const model = useModel();
  const onPlace = (act: () => void) => () => {
    model.ui.setState({ place });
    act();
  };
  const move = (hop: -1 | 0 | 1, by: -1 | 0 | 1): (() => void) =>
    onPlace(() => void moveFocusedNode(model, { hop, node: by }));
  return (
    // a press on the menu is not a press on the card
    <span onClick={(event) => event.stopPropagation()} onPointerDown={(event) => event.stopPropagation()}>
      <Menu
        trigger={
          <IconButton label={t('chains.more', { name: node.name ?? '' })}>
            <MoreHorizontal aria-hidden />
          </IconButton>
        }
        groups={[
          [
            { label: t('chains.edit'), icon: <Pencil aria-hidden />, run: () => inspectPlace(model, place) },
            {
              label: t('action.rename'),
              icon: <TextCursorInput aria-hidden />,
              keys: 'F2',
              run: () => model.ui.setState({ place, renaming: place }),
            },
          ],
          [
            {
              label: t('action.testFrom'),
              icon: <Activity aria-hidden />,
              keys: 'Shift T',
              run: onPlace(() => void testFromFocused(model)),
            },
            {
              label: t('action.isolate'),
              icon: <Unplug aria-hidden />,
              keys: 'Shift I',
              run: onPlace(() => askIsolateFocused(model)),
            },
          ],
          clipItems(model, place),
          [
            {
              label: t('action.duplicate'),
              icon: <CopyPlus aria-hidden />,
              keys: 'Ctrl D',
              run: onPlace(() => void duplicateFocused(model)),
            },
          ],
          [
            { label: t('action.nodeUp'), icon: <MoveUp aria-hidden />, keys: 'Alt ↑', run: move(0, -1) },
            { label: t('action.nodeDown'), icon: <MoveDown aria-hidden />, keys: 'Alt ↓', run: move(0, 1) },
            { label: t('action.nodeLeft'), keys: 'Alt Shift ←', run: move(-1, 0) },
            { label: t('action.nodeRight'), keys: 'Alt Shift →', run: move(1, 0) },
          ],
          [
            {
              label: t('remove'),
              icon: <Trash2 aria-hidden />,
              danger: true,
              keys: 'Del',
              run: () => void removePlace(model, place),
            },
          ],
        ]}
      />
    </span>
  );
}
