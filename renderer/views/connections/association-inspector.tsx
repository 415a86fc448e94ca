/** One UDP session in the inspector: how it is carried, what was dropped and why, and every peer. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  DROP_REASONS,
  type AssociationInfo,
  type DropReason,
  type TooBig,
  type UdpPeer,
} from '../../../core/contract/stats.ts';
import { closeConnections } from '../../actions/host.ts';
import { Button } from '../../components/button.tsx';
import { useModel, useSignal } from '../../components/context.ts';
import { hostPort } from '../../format/address.ts';
import { bytes, count } from '../../format/bytes.ts';
import { clock, span } from '../../format/time.ts';
import { language, t } from '../../i18n/index.ts';
import { Inspector } from '../frame/inspector.tsx';
import { carrierText, idleText } from './associations.tsx';
import { StateMark } from './cells.tsx';
import { programText } from './connection-inspector.tsx';
import { ConnectionLog } from './connection-log.tsx';
import { Facts } from './facts.tsx';
import { useDetail } from './use-detail.ts';

export function AssociationInspector({ id }: { id: string }): ReactNode {
  const model = useModel();
  const { live } = model;
  useSignal(live.changed);
  const one = live.associations.get(id);
  const detail = useDetail(id, one?.endedAt === null);
  if (one === undefined) return null;
  const open = one.endedAt === null;
  return (
    <Inspector title={hostPort(one.client)} kind={t('words.association')}>
      <div className="inspector-now">
        <StateMark state={open ? 'open' : 'ended'} />
        {open && (
          <Button look="danger" icon={<X aria-hidden />} onClick={() => void closeConnections(model, [id])}>
            {t('detail.closeSession')}
          </Button>
        )}
      </div>
      <Facts
        facts={[
          [t('fact.down'), `${bytes(one.down)} · ${t('detail.packets', { count: one.packetsDown })}`],
          [t('fact.up'), `${bytes(one.up)} · ${t('detail.packets', { count: one.packetsUp })}`],
          [t('fact.relay'), hostPort(one.relay)],
          [t('fact.carrier'), carrierText(one)],
          [t('fact.chain'), one.path.length === 0 ? t('direct') : one.path.join(' › ')],
          [t('column.process'), programText(one.owner)],
          [t('fact.started'), clock(one.startedAt)],
          [t('fact.lastPacket'), `${clock(one.lastAt)} · ${idleText(one, live.at)}`],
          [t('fact.idleLimit'), one.idleMs === null ? t('detail.noIdleLimit') : span(one.idleMs)],
          [t('detail.unanswered'), unansweredText(one)],
          [t('fact.id'), one.id],
        ]}
      />
      <p className="muted small">{t('detail.lossHonesty')}</p>
      <Drops dropped={one.dropped} tooBig={one.tooBig} />
      <Peers one={one} peers={detail?.peers ?? []} />
      <ConnectionLog id={id} />
    </Inspector>
  );
}

function unansweredText({ asked, unanswered }: AssociationInfo): string {
  if (asked === 0) return '';
  const percent = Math.round((100 * unanswered) / asked);
  return t('detail.unansweredOf', { percent, unanswered, asked });
}

function Drops({ dropped, tooBig }: Pick<AssociationInfo, 'dropped' | 'tooBig'>): ReactNode {
  const reasons = Object.keys(DROP_REASONS).filter((reason): reason is DropReason => reason in DROP_REASONS);
  const counted = reasons.flatMap((reason) => {
    const amount = dropped[reason] ?? 0;
    return amount === 0 ? [] : [{ reason, amount }];
  });
  return (
    <section className="drops">
      <h3>{t('udp.dropped')}</h3>
      {counted.length === 0 ? (
        <p className="muted">{t('udp.noneDropped')}</p>
      ) : (
        <ul>
          {counted.map(({ reason, amount }) => (
            <li key={reason}>
              <strong className="number">{count(amount, language())}</strong> {t(`drop.${reason}`)}
              {reason === 'too_big' && tooBig !== null && ` ${sizeText(tooBig)}`}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function sizeText({ size, limit }: TooBig): string {
  const amount = (bytesOf: number): string => `${count(bytesOf, language())} B`;
  return limit === null
    ? t('dropSize.seen', { size: amount(size) })
    : t('dropSize.limit', { size: amount(size), limit: amount(limit) });
}

function Peers({ one, peers }: { one: AssociationInfo; peers: readonly UdpPeer[] }): ReactNode {
  const title = t('udp.peers', { count: one.peerCount });
  const shown = (amount: number): string => count(amount, language());
  return (
    <section className="peers">
      <h3>{title}</h3>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={title}>
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t('column.peer')}</th>
              {(['packetsDown', 'packetsUp', 'down', 'up', 'largest', 'first', 'last'] as const).map(
                (key) => (
                  <th key={key} scope="col" className="right">
                    {t(`column.${key}`)}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {peers.map((peer) => (
              <tr key={hostPort(peer.peer)}>
                <td dir="ltr">{hostPort(peer.peer)}</td>
                <td className="number right">{shown(peer.packetsDown)}</td>
                <td className="number right">{shown(peer.packetsUp)}</td>
                <td className="number right">{bytes(peer.down)}</td>
                <td className="number right">{bytes(peer.up)}</td>
                <td className="number right">{bytes(peer.largest)}</td>
                <td className="number right">{clock(peer.firstAt)}</td>
                <td className="number right">{clock(peer.lastAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {one.peerCount > peers.length && peers.length > 0 && (
        <p className="muted small">{t('detail.busiest', { count: peers.length })}</p>
      )}
    </section>
  );
}
