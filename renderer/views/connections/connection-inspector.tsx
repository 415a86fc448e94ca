/** One connection in the inspector: everything known, in words, and what can be done with it. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ProcessOwner } from '../../../core/contract/stats.ts';
import { bypass } from '../../actions/connections.ts';
import { closeConnections, copy } from '../../actions/host.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useSignal } from '../../components/context.ts';
import { Failure } from '../../components/failure.tsx';
import { Stream, type Station } from '../../components/stream.tsx';
import { hostPort, reachable } from '../../format/address.ts';
import { bytes, rate } from '../../format/bytes.ts';
import { curlCommand } from '../../../core/contract/command.ts';
import { clock, span, took } from '../../format/time.ts';
import { errorText, nextStep, t } from '../../i18n/index.ts';
import { typeOf } from '../../store/filter-rows.ts';
import { Inspector } from '../frame/inspector.tsx';
import { ByteChart } from './byte-chart.tsx';
import { StateMark } from './cells.tsx';
import { ConnectionLog } from './connection-log.tsx';
import { Facts } from './facts.tsx';
import { targetText, whyEnded } from './target.ts';
import { resolvedText, Timeline } from './timeline.tsx';
import { useDetail } from './use-detail.ts';

export function ConnectionInspector({ id }: { id: string }): ReactNode {
  const model = useModel();
  const { live } = model;
  useSignal(live.changed);
  const info = live.find(id);
  const service = useHost((state) => state.services.find(({ name }) => name === info?.service));
  const slot = live.slotOf.get(id);
  const detail = useDetail(id, slot !== undefined);
  if (info === null) return null;
  const ended = slot === undefined && 'endedAt' in info ? info : null;
  const [bound] = service?.bound ?? [];
  const age = span((ended?.endedAt ?? live.at) - info.startedAt);
  const state =
    ended !== null ? (ended.error === null ? 'ended' : 'failed') : info.setupMs === null ? 'setup' : 'open';
  const { target, chain } = info;
  const total = (way: 'up' | 'down'): string =>
    slot === undefined
      ? bytes(ended?.[way] ?? 0)
      : `${bytes(live[way][slot] ?? 0)} · ${rate((way === 'up' ? live.upRate : live.downRate)[slot] ?? 0)}`;
  return (
    <Inspector title={targetText(info, ended !== null)} kind={t('words.connection')}>
      <div className="inspector-now">
        <StateMark state={state} />
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
          next={nextStep(ended.error)}
          where={
            info.path.length > 0 ? info.path.join(' › ') : info.setupMs === null ? info.service : t('direct')
          }
        />
      )}
      <Stream
        label={t('stream.label')}
        stations={[
          { kind: 'end', label: info.owner?.name ?? t('stream.you') },
          { kind: 'service', label: info.service },
          ...info.path.map((name): Station => ({ kind: 'hop', label: name })),
          { kind: 'end', label: t('stream.target'), tone: target === null ? 'idle' : 'ok' },
        ]}
      />
      {ended === null && <ByteChart id={id} />}
      {detail !== null && <Timeline detail={detail} age={age} ended={ended !== null} />}
      <h3>{t('detail.facts')}</h3>
      <Facts
        facts={[
          [t('fact.down'), total('down')],
          [t('fact.up'), total('up')],
          [t('fact.started'), clock(info.startedAt)],
          [t('fact.setup'), setupText(info.setupMs, ended !== null)],
          [ended === null ? t('fact.age') : t('fact.lasted'), age],
          [t('detail.closeReason'), ended === null || ended.error !== null ? '' : whyEnded(ended)],
          [t('fact.endedBy'), ended?.endedBy == null ? '' : t(`endedBy.${ended.endedBy}`)],
          [t('fact.request'), typeOf(info)],
          [t('column.process'), programText(info.owner)],
          [t('fact.client'), hostPort(info.client)],
          [t('fact.user'), info.user ?? ''],
          [t('fact.chain'), chain ?? (info.setupMs === null ? '' : t('direct'))],
          [t('detail.name'), detail === null ? '' : resolvedText(detail, info.path)],
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
                  target,
                ),
                t('copy.curl'),
              )
            }
          >
            {t('connections.copyCurl')}
          </Button>
        )}
        {target !== null && chain !== null && (
          <Button
            title={t('detail.bypassHint', { chain })}
            onClick={() => void bypass(model, chain, target.host)}
          >
            {t('detail.bypass')}
          </Button>
        )}
      </div>
      <ConnectionLog id={id} />
    </Inspector>
  );
}

function setupText(ms: number | null, ended: boolean): string {
  if (ms !== null) return took(ms);
  return ended ? '' : t('fact.settingUp');
}

export function programText(owner: ProcessOwner | null): string {
  return owner === null ? '' : t('detail.pid', { name: owner.name, pid: owner.pid });
}
