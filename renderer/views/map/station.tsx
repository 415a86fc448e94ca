/** What stands on the map: a service with the choice of its chain, a chain that leads to its lane, a proxy that opens in the inspector, and the ends. */
import { GitFork, Globe, Server, Shuffle, Waypoints } from 'lucide-react';
import { memo, type CSSProperties, type ReactNode } from 'react';
import { inspectPlace } from '../../actions/lane.ts';
import { useHost, useModel, useSignal } from '../../components/context.ts';
import { Menu } from '../../components/menu.tsx';
import { chainsOf } from '../../edits/chains.ts';
import type { MapNode } from '../../edits/map.ts';
import { bytes } from '../../format/bytes.ts';
import { t } from '../../i18n/index.ts';
import { sendThrough } from '../../actions/map.ts';
import { boxOf } from './geometry.ts';

export const Station = memo(function Station({
  node,
  entry,
  dim,
  over,
}: {
  node: MapNode;
  /** Where Tab enters the map. */
  entry: boolean;
  dim: boolean;
  /** A service held over it would go through it. */
  over: boolean;
}): ReactNode {
  const { x, y, width, height } = boxOf(node);
  const style: CSSProperties = { insetInlineStart: x, insetBlockStart: y, width, height };
  const takes = node.kind === 'chain' || node.kind === 'direct';
  return (
    <div
      className={`map-place${dim ? ' map-dim' : ''}${over ? ' map-over' : ''}`}
      style={style}
      {...(takes ? { 'data-way': node.id } : {})}
    >
      <Inside node={node} tabIndex={entry ? 0 : -1} />
    </div>
  );
});

function Inside({ node, tabIndex }: { node: MapNode; tabIndex: 0 | -1 }): ReactNode {
  if (node.kind === 'service') return <ServiceStation node={node} tabIndex={tabIndex} />;
  if (node.kind === 'chain') return <ChainStation node={node} tabIndex={tabIndex} />;
  if (node.kind === 'proxy') return <ProxyStation node={node} tabIndex={tabIndex} />;
  const { Icon, label } = {
    direct: { Icon: GitFork, label: t('direct') },
    bypass: { Icon: Shuffle, label: node.label },
    target: { Icon: Globe, label: t('stream.target') },
  }[node.kind];
  return (
    <div
      className={`map-node map-${node.kind}`}
      data-station={node.id}
      tabIndex={tabIndex}
      role="img"
      aria-label={node.kind === 'bypass' ? `${t('map.bypass')} ${label}` : label}
    >
      <Icon aria-hidden />
      <span className="map-name" dir="auto">
        {label}
      </span>
      {node.kind === 'bypass' && <span className="muted">{t('map.bypass')}</span>}
    </div>
  );
}

/** Enter or a click opens the choice of chains; dragging its handle onto one is the same. */
function ServiceStation({ node, tabIndex }: { node: MapNode; tabIndex: 0 | -1 }): ReactNode {
  const model = useModel();
  const config = useHost((state) => state.config?.config ?? null);
  const now = config?.services?.find(({ name }) => name === node.label)?.handler?.chain ?? null;
  const chains = chainsOf(config ?? {}).flatMap(({ name }) => name ?? []);
  return (
    <>
      <Menu
        label={t('map.pick', { service: node.label })}
        trigger={
          <button
            type="button"
            className="map-node map-service"
            data-station={node.id}
            tabIndex={tabIndex}
            aria-label={t('map.service', { service: node.label, chain: now ?? t('direct') })}
          >
            <Server aria-hidden />
            <span className="map-name" dir="auto">
              {node.label}
            </span>
            <Rate node={node} />
          </button>
        }
        groups={[
          chains.map((chain) => ({
            label: chain,
            checked: chain === now,
            run: () => void sendThrough(model, node.label, chain),
          })),
          [
            {
              label: t('direct'),
              checked: now === null,
              run: () => void sendThrough(model, node.label, null),
            },
          ],
        ]}
      />
      <span className="map-handle" data-wire={node.id} aria-hidden />
    </>
  );
}

function ChainStation({ node, tabIndex }: { node: MapNode; tabIndex: 0 | -1 }): ReactNode {
  const model = useModel();
  const { place } = node;
  return (
    <button
      type="button"
      className="map-node map-chain"
      data-station={node.id}
      tabIndex={tabIndex}
      onClick={() => {
        if (place !== null)
          model.ui.setState({ chainView: 'lanes', place, selected: { kind: 'place', place } });
      }}
    >
      <Waypoints aria-hidden />
      <span className="map-name" dir="auto">
        {node.label}
      </span>
    </button>
  );
}

function ProxyStation({ node, tabIndex }: { node: MapNode; tabIndex: 0 | -1 }): ReactNode {
  const model = useModel();
  const { place, ways } = node;
  return (
    <button
      type="button"
      className="map-node map-proxy"
      data-station={node.id}
      tabIndex={tabIndex}
      onClick={() => (place === null ? undefined : inspectPlace(model, place))}
    >
      <span className="map-name" dir="ltr">
        {node.label}
      </span>
      {ways.length > 1 ? (
        <span className="badge">{t('map.shared', { count: ways.length })}</span>
      ) : (
        <span className="muted" dir="auto">
          {node.names.join(', ')}
        </span>
      )}
      <Rate node={node} />
    </button>
  );
}

function Rate({ node }: { node: MapNode }): ReactNode {
  const model = useModel();
  useSignal(model.traffic.changed);
  const rates = node.kind === 'service' ? model.live.serviceRates : model.live.nodeRates;
  const rate = node.names.reduce((sum, name) => sum + rates.of(name).up + rates.of(name).down, 0);
  if (rate === 0) return null;
  return <span className="number map-rate">{bytes(rate)}/s</span>;
}
