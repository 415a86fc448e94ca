/** One connection or one UDP association in the inspector: everything known, in words. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  DROP_REASONS,
  type AssociationInfo,
  type DropReason,
  type UdpPeer,
} from '../../../core/contract/stats.ts';
import { closeConnections, copy } from '../../actions/host.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useSignal } from '../../components/context.ts';
import { Failure } from '../../components/failure.tsx';
import { Stream, type Station } from '../../components/stream.tsx';
import { hostPort, reachable } from '../../format/address.ts';
import { bytes, count, rate } from '../../format/bytes.ts';
import { curlCommand } from '../../format/command.ts';
import { clock, span, took } from '../../format/time.ts';
import { errorText, language, t } from '../../i18n/index.ts';
import { goTo } from '../../store/ui.ts';
import { Inspector } from '../frame/inspector.tsx';
import { targetText } from './target.ts';
import { useDetail } from './use-detail.ts';

export function ConnectionInspector({ id }: { id: string }): ReactNode {
  const model = useModel();
  const { live } = model;
  useSignal(live.changed);
  const info = live.find(id);
  const service = useHost((state) => state.services.find(({ name }) => name === info?.service));
  if (info === null) return null;
  const slot = live.slotOf.get(id);
  const ended = slot === undefined && 'endedAt' in info ? info : null;
  const [bound] = service?.bound ?? [];
  return (
    <Inspector title={targetText(info, ended !== null)} kind={t('words.connection')}>
      <div className="inspector-now">
        <span className={`mark mark-${ended === null ? 'ok' : 'idle'}`}>
          {ended === null ? t('connections.isOpen') : t('connections.ended')}
        </span>
        {ended === null && (
          <Button look="danger" icon={<X aria-hidden />} onClick={() => void closeConnections(model, [id])}>
            {t('connections.closeOne')}
          </Button>
        )}
      </div>
      {ended?.error != null && (
        <Failure
          tone="warn"
          what={t('connections.endedBecause')}
          why={errorText(ended.error)}
          where={info.path.length === 0 ? t('direct') : info.path.join(' › ')}
        />
      )}
      <Stream
        label={t('stream.label')}
        stations={[
          { kind: 'end', label: t('stream.you') },
          { kind: 'service', label: info.service },
          ...info.path.map((name): Station => ({ kind: 'hop', label: name })),
          { kind: 'end', label: t('stream.target'), tone: info.target === null ? 'idle' : 'ok' },
        ]}
      />
      <Facts
        facts={[
          [
            t('fact.down'),
            amount(
              slot === undefined ? (ended?.down ?? 0) : (live.down[slot] ?? 0),
              slot === undefined ? null : (live.downRate[slot] ?? 0),
            ),
          ],
          [
            t('fact.up'),
            amount(
              slot === undefined ? (ended?.up ?? 0) : (live.up[slot] ?? 0),
              slot === undefined ? null : (live.upRate[slot] ?? 0),
            ),
          ],
          [t('fact.started'), clock(info.startedAt)],
          [t('fact.setup'), info.setupMs === null ? t('fact.settingUp') : took(info.setupMs)],
          [
            ended === null ? t('fact.age') : t('fact.lasted'),
            span((ended?.endedAt ?? live.at) - info.startedAt),
          ],
          [t('fact.request'), [info.protocol, info.command].filter((word) => word !== null).join(' ')],
          [t('fact.client'), hostPort(info.client)],
          [t('fact.user'), info.user ?? ''],
          [t('fact.chain'), info.chain ?? t('direct')],
          [t('fact.id'), info.id],
        ]}
      />
      <div className="inspector-do">
        {bound !== undefined && service !== undefined && (
          <Button
            onClick={() =>
              void copy(
                model,
                curlCommand(
                  { address: reachable(bound), handler: service.handler, auth: service.auth },
                  info.target,
                ),
                t('copy.curl'),
              )
            }
          >
            {t('connections.copyCurl')}
          </Button>
        )}
        <Button
          onClick={() => {
            goTo(model.ui, 'logs');
            model.ui.setState({ logText: `id=${id}`, logLevel: 'debug' });
          }}
        >
          {t('connections.itsLog')}
        </Button>
      </div>
    </Inspector>
  );
}

function amount(total: number, perSecond: number | null): string {
  return perSecond === null ? bytes(total) : `${bytes(total)} · ${rate(perSecond)}`;
}

/** Name and value pairs; what is empty is left out. */
function Facts({ facts }: { facts: readonly (readonly [string, string])[] }): ReactNode {
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="number" dir="auto">
              {value}
            </dd>
          </div>
        ))}
    </dl>
  );
}

export function AssociationInspector({ id }: { id: string }): ReactNode {
  const { live } = useModel();
  useSignal(live.changed);
  const one = live.associations.get(id);
  const detail = useDetail(id, one?.endedAt === null);
  if (one === undefined) return null;
  return (
    <Inspector title={hostPort(one.client)} kind={t('words.association')}>
      <div className="inspector-now">
        <span className={`mark mark-${one.endedAt === null ? 'ok' : 'idle'}`}>
          {one.endedAt === null ? t('connections.isOpen') : t('connections.ended')}
        </span>
      </div>
      <Facts
        facts={[
          [t('fact.relay'), hostPort(one.relay)],
          [t('fact.carrier'), t(`carrier.${one.carrier}`)],
          [t('fact.chain'), one.path.length === 0 ? t('direct') : one.path.join(' › ')],
          [t('fact.started'), clock(one.startedAt)],
          [t('fact.lastPacket'), clock(one.lastAt)],
          [t('fact.id'), one.id],
        ]}
      />
      <Drops dropped={one.dropped} />
      <Peers one={one} peers={detail?.peers ?? []} />
    </Inspector>
  );
}

function Drops({ dropped }: { dropped: AssociationInfo['dropped'] }): ReactNode {
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
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Peers({ one, peers }: { one: AssociationInfo; peers: readonly UdpPeer[] }): ReactNode {
  return (
    <section className="peers">
      <h3>{t('udp.peers', { count: one.peerCount })}</h3>
      <div
        className="table-scroll"
        tabIndex={0}
        role="region"
        aria-label={t('udp.peers', { count: one.peerCount })}
      >
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t('column.peer')}</th>
              <th scope="col" className="right">
                {t('column.packetsDown')}
              </th>
              <th scope="col" className="right">
                {t('column.packetsUp')}
              </th>
              <th scope="col" className="right">
                {t('column.last')}
              </th>
            </tr>
          </thead>
          <tbody>
            {peers.map((peer) => (
              <tr key={hostPort(peer.peer)}>
                <td dir="ltr">{hostPort(peer.peer)}</td>
                <td className="number right">{count(peer.packetsDown, language())}</td>
                <td className="number right">{count(peer.packetsUp, language())}</td>
                <td className="number right">{clock(peer.lastAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
