/** UDP associations: who, through what, how many packets, and how many were dropped. */
import type { ReactNode } from 'react';
import { useModel, useSignal, useUi } from '../../components/context.ts';
import { Empty } from '../../components/empty.tsx';
import { Way } from '../../components/stream.tsx';
import { hostPort } from '../../format/address.ts';
import { bytes, count } from '../../format/bytes.ts';
import { span } from '../../format/time.ts';
import { language, t } from '../../i18n/index.ts';
import { Grid, type Column } from './grid.tsx';

export function AssociationTable(): ReactNode {
  const { live, ui } = useModel();
  const selected = useUi((state) => (state.selected?.kind === 'association' ? state.selected.id : null));
  useSignal(live.changed);
  const ids = [...live.associations.values()].sort(order).map(({ id }) => id);
  const columns: readonly Column[] = [
    { key: 'age', track: '92px', title: t('column.age'), right: true },
    { key: 'client', track: 'minmax(132px, 1.4fr)', title: t('column.client') },
    { key: 'service', track: 'minmax(72px, 1fr)', title: t('column.service') },
    { key: 'chain', track: 'minmax(90px, 1.2fr)', title: t('column.chain') },
    { key: 'carrier', track: 'minmax(96px, 1fr)', title: t('column.carrier') },
    { key: 'peers', track: '60px', title: t('column.peers'), right: true },
    { key: 'packetsDown', track: '84px', title: t('column.packetsDown'), right: true },
    { key: 'packetsUp', track: '84px', title: t('column.packetsUp'), right: true },
    { key: 'down', track: '76px', title: t('column.down'), right: true },
    { key: 'up', track: '76px', title: t('column.up'), right: true },
    { key: 'dropped', track: '76px', title: t('column.dropped'), right: true },
  ];
  const now = live.at;
  const shown = (amount: number): string => count(amount, language());
  return (
    <Grid
      label={t('connections.udp')}
      columns={columns}
      ids={ids}
      selected={selected}
      open={(id) => ui.setState({ selected: { kind: 'association', id } })}
      rowClass={(id) => (live.associations.get(id)?.endedAt == null ? '' : 'row-ended')}
      cells={(id) => {
        const one = live.associations.get(id);
        if (one === undefined) return [];
        const dropped = Object.values(one.dropped).reduce((sum, amount) => sum + amount, 0);
        return [
          span((one.endedAt ?? now) - one.startedAt),
          <span key="c" dir="ltr" className="clip">
            {hostPort(one.client)}
          </span>,
          <span key="s" className="clip">
            {one.service}
          </span>,
          <Way key="w" names={one.path} direct={t('direct')} />,
          t(`carrier.${one.carrier}`),
          shown(one.peerCount),
          shown(one.packetsDown),
          shown(one.packetsUp),
          bytes(one.down),
          bytes(one.up),
          dropped === 0 ? (
            '0'
          ) : (
            <strong key="d" className="bad-text">
              {shown(dropped)}
            </strong>
          ),
        ];
      }}
    >
      <Empty text={t('connections.noUdp')} />
    </Grid>
  );
}

/** Living ones first, newest first. */
function order(
  a: { endedAt: number | null; startedAt: number },
  b: { endedAt: number | null; startedAt: number },
): number {
  const ended = Number(a.endedAt !== null) - Number(b.endedAt !== null);
  return ended === 0 ? b.startedAt - a.startedAt : ended;
}
