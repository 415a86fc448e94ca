/** UDP sessions: who, through what, how many packets, what was dropped, and which peers never answered. */
import { ListChecks } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import type { AssociationInfo } from '../../../core/contract/stats.ts';
import { openUdpCheck } from '../../actions/udp.ts';
import { Button } from '../../components/button.tsx';
import { useModel, useSignal, useUi } from '../../components/context.ts';
import { Empty } from '../../components/empty.tsx';
import { Way } from '../../components/stream.tsx';
import { hostPort } from '../../format/address.ts';
import { bytes, count } from '../../format/bytes.ts';
import { span, took } from '../../format/time.ts';
import { language, t } from '../../i18n/index.ts';
import type { AnyKey, UdpKey } from '../../store/columns.ts';
import type { Live } from '../../store/live.ts';
import type { Sort } from '../../store/tables.ts';
import { Program, Text } from './cells.tsx';
import type { RowSource } from './grid-row.tsx';
import { Grid } from './grid.tsx';
import { FrozenChip, Toolbar } from './toolbar.tsx';
import { useFrozen, useResting } from './use-resting.ts';

export function AssociationTable(): ReactNode {
  const model = useModel();
  const { live, ui } = model;
  const selected = useUi((state) => (state.selected?.kind === 'association' ? state.selected.id : null));
  const layout = useUi((state) => state.layouts.udp);
  const paused = useUi((state) => state.paused);
  const { resting, rest } = useResting();
  useSignal(live.tables);
  const frozen = paused || resting;
  const { ids, fresh } = useFrozen(
    // the layout of this table only ever names its own columns
    sorted([...live.associations.values()], layout.sort as Sort<UdpKey>).map(({ id }) => id),
    frozen,
  );
  const source = useMemo(() => associationSource(live), [live]);
  return (
    <>
      <Toolbar table="udp" shown={ids.length} total={ids.length} closing={[]} filtered={false}>
        <Button icon={<ListChecks aria-hidden />} onClick={() => openUdpCheck(model, null)}>
          {t('udpCheck.run')}
        </Button>
      </Toolbar>
      <div className="grid-box">
        {frozen && (paused || fresh > 0) && <FrozenChip fresh={fresh} />}
        <Grid
          label={t('connections.udp')}
          table="udp"
          ids={ids}
          selected={selected}
          open={(id) => ui.setState({ selected: { kind: 'association', id } })}
          rest={rest}
          source={source}
        >
          <Empty text={t('connections.noUdp')}>
            <Button look="primary" onClick={() => openUdpCheck(model, null)}>
              {t('udpCheck.run')}
            </Button>
          </Empty>
        </Grid>
      </div>
    </>
  );
}

/** How datagrams pass each hop. */
export function carrierText({ carrier, carriers, path }: AssociationInfo): string {
  if (carriers.length <= 1) return t(`carrier.${carriers[0] ?? carrier}`);
  return carriers.map((one, at) => `${path[at] ?? at + 1}: ${t(`carrier.${one}`)}`).join(' › ');
}

/** How long it has been silent, and how long it may be. */
export function idleText(one: AssociationInfo, now: number): string {
  const idle = span((one.endedAt ?? now) - one.lastAt);
  return one.idleMs === null ? idle : t('idleOf', { idle, limit: took(one.idleMs) });
}

function droppedBy({ dropped }: AssociationInfo): number {
  return Object.values(dropped).reduce((sum, amount) => sum + amount, 0);
}

const FIGURES: ReadonlySet<AnyKey> = new Set<UdpKey>(['age', 'idle']);

function associationSource(live: Live): RowSource {
  return {
    changed: live.tables,
    figures: FIGURES,
    about: (id) => live.associations.get(id),
    look: (id) => (live.associations.get(id)?.endedAt == null ? '' : 'row-ended'),
    figure: (id, key) => {
      const one = live.associations.get(id);
      if (one === undefined) return '';
      if (key === 'age') return span((one.endedAt ?? live.at) - one.startedAt);
      return one.endedAt === null ? idleText(one, live.at) : t('connections.ended');
    },
    cell: (id, key) => {
      const one = live.associations.get(id);
      return one === undefined ? null : cellOf(one, key);
    },
  };
}

function cellOf(one: AssociationInfo, key: AnyKey): ReactNode {
  const shown = (amount: number): string => count(amount, language());
  switch (key) {
    case 'client':
      return <Text>{hostPort(one.client)}</Text>;
    case 'process':
      return <Program owner={one.owner} />;
    case 'service':
      return <Text>{one.service}</Text>;
    case 'chain':
      return <Way names={one.path} direct={t('direct')} />;
    case 'carrier':
      return <Text>{carrierText(one)}</Text>;
    case 'peers':
      return shown(one.peerCount);
    case 'packetsDown':
    case 'packetsUp':
      return shown(one[key]);
    case 'down':
    case 'up':
      return bytes(one[key]);
    case 'dropped': {
      const dropped = droppedBy(one);
      return dropped === 0 ? '0' : <strong className="bad-text">{shown(dropped)}</strong>;
    }
    case 'unanswered':
      return one.asked === 0 ? '–' : `${Math.round((100 * one.unanswered) / one.asked)} %`;
    case 'id':
      return <Text muted>{one.id}</Text>;
    default:
      return null;
  }
}

/** Living ones stand first, whatever the order. */
function sorted(list: AssociationInfo[], { key, descending }: Sort<UdpKey>): AssociationInfo[] {
  const turn = descending ? -1 : 1;
  const value = (one: AssociationInfo): string | number => {
    switch (key) {
      case 'age':
        return -one.startedAt;
      case 'idle':
        return -one.lastAt;
      case 'client':
        return hostPort(one.client);
      case 'process':
        return one.owner?.name.toLowerCase() ?? '';
      case 'chain':
        return one.path.join(' ');
      case 'peers':
        return one.peerCount;
      case 'dropped':
        return droppedBy(one);
      case 'unanswered':
        return one.asked === 0 ? 0 : one.unanswered / one.asked;
      case 'carrier':
        return carrierText(one);
      case 'packetsDown':
      case 'packetsUp':
      case 'down':
      case 'up':
      case 'service':
        return one[key];
      case 'id':
        return one.id.padStart(16, '0');
    }
  };
  return list.sort((a, b) => {
    const ended = Number(a.endedAt !== null) - Number(b.endedAt !== null);
    if (ended !== 0) return ended;
    const left = value(a);
    const right = value(b);
    return turn * (left < right ? -1 : left > right ? 1 : 0) || b.startedAt - a.startedAt;
  });
}
