/** One node of a hop: what it is, whether it worked when last tested, what flows through it. */
import { useDraggable, useDroppable } from '@dnd-kit/core';
import { EyeOff, Lock } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import type { Finding, Node } from '../../../core/contract/config.ts';
import { inspectPlace } from '../../actions/lane.ts';
import { useHost, useModel, useSignal, useUi } from '../../components/context.ts';
import { givenName } from '../../edits/chains.ts';
import { findingsAt } from '../../edits/services.ts';
import { bytes } from '../../format/bytes.ts';
import { hourAndMinute } from '../../format/time.ts';
import { hostText, t } from '../../i18n/index.ts';
import { nodeTest } from '../../store/tests.ts';
import { dragId, landingId } from './dragged.ts';
import { NodeMenu } from './node-menu.tsx';
import { Notes } from './notes.tsx';
import { kindOf, OutcomeMark } from './outcome.tsx';
import { RenameField, samePlace } from './rename-field.tsx';

const NONE: readonly Finding[] = [];

interface NodeAbout {
  /** Index of its chain, and the name of it. */
  readonly chain: number;
  readonly chainName: string;
  readonly hop: number;
  readonly hopName: string;
  readonly index: number;
  readonly node: Node;
  /** Its hop is left out of the way. */
  readonly skipped: boolean;
  /** Its hop has others to choose from. */
  readonly choice: boolean;
}

/** What a drag changes; the card itself is drawn again only when its node changes. */
export const NodeCard = memo(function NodeCard({
  entry,
  ...about
}: NodeAbout & { entry: boolean }): ReactNode {
  const { chain, hop, index } = about;
  const drag = useDraggable({ id: dragId({ from: 'lane', chain, hop, node: index }) });
  const drop = useDroppable({ id: landingId({ on: 'slot', chain, hop, node: index }) });
  return (
    <CardBody
      {...about}
      entry={entry}
      dragged={drag.isDragging}
      over={drop.isOver && !drag.isDragging}
      dragRef={drag.setNodeRef}
      dropRef={drop.setNodeRef}
      listeners={drag.listeners}
    />
  );
});

type SetRef = (element: HTMLElement | null) => void;

const CardBody = memo(function CardBody({
  chain,
  chainName,
  hop,
  hopName,
  index,
  node,
  skipped,
  choice,
  entry,
  dragged,
  over,
  dragRef,
  dropRef,
  listeners,
}: NodeAbout & {
  entry: boolean;
  dragged: boolean;
  over: boolean;
  dragRef: SetRef;
  dropRef: SetRef;
  listeners: ReturnType<typeof useDraggable>['listeners'];
}): ReactNode {
  const model = useModel();
  const place = { chain, hop, node: index };
  const selected = useUi(({ selected: one }) => one?.kind === 'place' && samePlace(one.place, place));
  const connector = useHost((state) => state.schemas?.connectors[node.connector?.type ?? 'http']);
  const run = useHost((state) => state.tests.chains[chainName]);
  const transport = node.dialer?.type ?? 'tcp';
  const auth = node.connector?.auth ?? node.dialer?.auth;
  const own = givenName(node);
  const test = nodeTest(run, place, { hop: hopName, node: node.name ?? `node-${index}` });
  const running = run?.state === 'running';
  const leftOut = skipped || hop < (run?.about.from?.hop ?? 0);
  const kind = leftOut ? 'skipped' : kindOf(test, running);
  const renaming = useUi((state) => samePlace(state.renaming, place));
  const findings = useHost((state) => state.config?.findings ?? NONE);
  const said = findingsAt(findings, ['chains', chain, 'hops', hop, 'nodes', index]).filter(
    ({ grade }) => grade !== 'ignored',
  );
  return (
    <div
      role="gridcell"
      ref={(element) => {
        dragRef(element);
        dropRef(element);
      }}
      className={`node node-${kind}${dragged ? ' node-dragged' : ''}${over ? ' node-over' : ''}${selected ? ' node-selected' : ''}`}
      data-place={`${hop}/${index}`}
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
      {...listeners}
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
        {choice && !leftOut && test?.picked === true && <span className="badge">{t('outcome.picked')}</span>}
        <span className="grow" />
        <NodeMenu node={node} place={place} />
      </div>
      {renaming ? (
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
      {!renaming && own !== null && <span className="node-name">{own}</span>}
      <div className="node-bottom">
        {leftOut ? (
          <span className="mark mark-idle">
            <EyeOff aria-hidden />
            {t(skipped ? 'outcome.skipped' : 'outcome.leftOut')}
          </span>
        ) : (
          <>
            <OutcomeMark station={test} running={running} />
            {run !== undefined && !running && test !== null && test.tried > 0 && (
              <time className="muted" dateTime={new Date(run.startedAt).toISOString()}>
                {hourAndMinute(run.startedAt)}
              </time>
            )}
          </>
        )}
        <NodeTraffic name={node.name ?? ''} />
      </div>
      <Notes findings={said} />
    </div>
  );
});

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
