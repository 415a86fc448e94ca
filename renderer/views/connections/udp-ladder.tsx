/** The ladder of a UDP check as it is climbed: every rung with what it found, the one that failed with what mends it, and what was measured. */
import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleMinus,
  CircleSlash2,
  LoaderCircle,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { UdpCheck, UdpHop, UdpRung } from '../../../core/contract/udp-check.ts';
import { switchService } from '../../actions/host.ts';
import { enableUdp } from '../../actions/udp.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { Failure } from '../../components/failure.tsx';
import { chainsOf } from '../../edits/chains.ts';
import { hostPort } from '../../format/address.ts';
import { bytes } from '../../format/bytes.ts';
import { took } from '../../format/time.ts';
import { t } from '../../i18n/index.ts';
import { goTo } from '../../store/ui.ts';
import { Facts } from './facts.tsx';
import { detailOf, fixValues, replyText, verdict, whatFailed, whyFailed } from './udp-words.ts';

export function Ladder({
  check,
  state,
  restart,
}: {
  check: UdpCheck;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  restart: () => void;
}): ReactNode {
  return (
    <>
      <p className="udp-verdict" role="status">
        {state === 'running'
          ? t('udpCheck.running')
          : state === 'done'
            ? verdict(check)
            : t('udpCheck.cancelled')}
      </p>
      <ol className="ladder">
        {check.rungs.map((rung, index) => (
          <Rung
            key={rung.name}
            rung={rung}
            number={index + 1}
            check={check}
            state={state}
            restart={restart}
          />
        ))}
      </ol>
      <Numbers check={check} />
    </>
  );
}

const MARKS = {
  waiting: { icon: CircleDashed, tone: 'idle' },
  testing: { icon: LoaderCircle, tone: 'idle' },
  ok: { icon: CircleCheck, tone: 'ok' },
  failed: { icon: CircleAlert, tone: 'bad' },
  held: { icon: CircleSlash2, tone: 'warn' },
  skipped: { icon: CircleMinus, tone: 'idle' },
  not_reached: { icon: CircleDashed, tone: 'idle' },
} as const;

function Rung({
  rung,
  number,
  check,
  state,
  restart,
}: {
  rung: UdpRung;
  number: number;
  check: UdpCheck;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  restart: () => void;
}): ReactNode {
  // what was under way when somebody cancelled was not found out
  const shown = rung.state === 'testing' && state !== 'running' ? 'waiting' : rung.state;
  const { icon: Icon, tone } = MARKS[shown];
  const detail = detailOf(rung, check);
  return (
    <li className={`rung rung-${shown}`}>
      <span className={`mark mark-${tone}`}>
        <Icon aria-hidden />
        <span className="hidden">{t(`rungState.${shown}`)}</span>
      </span>
      <div className="rung-body">
        <p className="rung-title">
          <span>
            {number}. {t(`rung.${rung.name}`)}
          </span>
          {rung.ms !== null && <span className="muted number">{took(rung.ms)}</span>}
        </p>
        {detail !== '' && <p className="muted small">{detail}</p>}
        {rung.name === 'hops' && check.hops.length > 0 && <Hops hops={check.hops} />}
        {rung.error !== null && (
          <Failure what={whatFailed(rung, check)} why={whyFailed(rung, check)}>
            {rung.fix !== null && <p className="rung-fix">{t(`udpFix.${rung.fix}`, fixValues(check))}</p>}
            <FixButton rung={rung} check={check} restart={restart} />
          </Failure>
        )}
      </div>
    </li>
  );
}

function Hops({ hops }: { hops: readonly UdpHop[] }): ReactNode {
  return (
    <ul className="udp-hops">
      {hops.map((hop, index) => {
        const { icon: Icon, tone } = MARKS[hop.state];
        return (
          <li key={index}>
            <span className={`mark mark-${tone}`}>
              <Icon aria-hidden />
              <span className="hidden">{t(`rungState.${hop.state}`)}</span>
            </span>
            <span className="clip" dir="ltr">
              {index + 1} {hop.node}
            </span>
            <span className="muted small">
              {hop.state === 'failed'
                ? replyText(hop.reply)
                : hop.how === null
                  ? t(`rungState.${hop.state}`)
                  : t(`udpHow.${hop.how}`)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** The one thing that mends a rung, where the window can do it. */
function FixButton({
  rung,
  check,
  restart,
}: {
  rung: UdpRung;
  check: UdpCheck;
  restart: () => void;
}): ReactNode {
  const model = useModel();
  const config = useHost((state) => state.config?.config);
  const chain = config === undefined ? -1 : chainsOf(config).findIndex(({ name }) => name === check.chain);
  const failed = check.hops.findIndex(({ state }) => state === 'failed');
  switch (rung.fix) {
    case 'start_service':
      return (
        <Button onClick={() => void switchService(model, check.service, true).then(restart)}>
          {t('udpCheck.start')}
        </Button>
      );
    case 'enable_udp':
      return (
        <Button
          onClick={() =>
            void enableUdp(model, check.service).then((done) => {
              if (done) restart();
            })
          }
        >
          {t('udpCheck.enable')}
        </Button>
      );
    case 'use_socks5':
    case 'use_tcp_listener':
    case 'sign_in':
    case 'target_refused':
      return (
        <Button
          onClick={() => {
            goTo(model.ui, 'services');
            model.ui.setState({ selected: { kind: 'service', name: check.service } });
          }}
        >
          {t('udpCheck.editService')}
        </Button>
      );
    case 'hop_udp_off':
    case 'hop_tcp_only':
    case 'hop_down':
    case 'hop_sign_in':
    case 'hop_protocol':
      if (chain === -1 || failed === -1) return null;
      return (
        <Button
          onClick={() => {
            goTo(model.ui, 'chains');
            const place = { chain, hop: failed, node: 0 };
            model.ui.setState({ place, selected: { kind: 'place', place } });
          }}
        >
          {t('udpCheck.editHop', { number: failed + 1 })}
        </Button>
      );
    default:
      return null;
  }
}

function Numbers({ check }: { check: UdpCheck }): ReactNode {
  const { loss, sizes, stun } = check;
  if (loss === null && sizes === null && stun === null) return null;
  const lost = loss === null ? 0 : loss.sent - loss.received;
  return (
    <>
      <h3>{t('udpCheck.measured')}</h3>
      <Facts
        facts={[
          [
            t('udpCheck.lost'),
            loss === null
              ? ''
              : t('udpCheck.lostOf', {
                  percent: loss.sent === 0 ? 0 : Math.round((100 * lost) / loss.sent),
                  lost,
                  sent: loss.sent,
                }),
          ],
          [
            t('udpCheck.rtt'),
            loss?.rtt == null
              ? ''
              : t('udpCheck.rttOf', { min: loss.rtt.min, avg: loss.rtt.avg, max: loss.rtt.max }),
          ],
          [t('udpCheck.jitter'), loss?.jitterMs == null ? '' : `${loss.jitterMs} ms`],
          [t('udpCheck.reordered'), loss === null ? '' : String(loss.reordered)],
          [t('udpCheck.duplicated'), loss === null || loss.duplicated === 0 ? '' : String(loss.duplicated)],
          [
            t('udpCheck.largest'),
            sizes?.largest == null
              ? ''
              : sizes.lost === null
                ? t('udpCheck.atLeast', { size: bytes(sizes.largest) })
                : t('udpCheck.notLarger', { size: bytes(sizes.largest), lost: bytes(sizes.lost) }),
          ],
          [t('udpCheck.mapped'), stun === null ? '' : hostPort(stun.mapped)],
          [t('udpCheck.mapping'), stun === null ? '' : t(`natMapping.${stun.mapping}`)],
          [t('udpCheck.filtering'), stun === null ? '' : t(`natFiltering.${stun.filtering}`)],
        ]}
      />
    </>
  );
}
