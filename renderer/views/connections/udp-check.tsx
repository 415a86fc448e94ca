/**
 * The UDP check in the inspector: which service, what to send where, and the ladder as it is climbed. The first rung that fails says
 * what failed, why, and what to do about it.
 */
import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleMinus,
  CircleSlash2,
  LoaderCircle,
} from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import {
  UDP_PROBES,
  type UdpCheck,
  type UdpHop,
  type UdpProbe,
  type UdpRung,
} from '../../../core/contract/udp-check.ts';
import { switchService } from '../../actions/host.ts';
import { cancelUdpCheck, checkTarget, enableUdp, startUdpCheck, USUAL_TARGETS } from '../../actions/udp.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { Failure } from '../../components/failure.tsx';
import { chainsOf } from '../../edits/chains.ts';
import { hostPort } from '../../format/address.ts';
import { bytes } from '../../format/bytes.ts';
import { took } from '../../format/time.ts';
import { errorText, nextStep, t, type Key } from '../../i18n/index.ts';
import { goTo } from '../../store/ui.ts';
import { Inspector } from '../frame/inspector.tsx';
import { Facts } from './facts.tsx';

export function UdpCheckInspector({ service }: { service: string }): ReactNode {
  const model = useModel();
  const services = useHost((state) => state.services);
  const run = useHost((state) => state.tests.udp[service]);
  const state = services.find(({ name }) => name === service);
  const chained = state?.chain != null;
  const [probe, setProbe] = useState<UdpProbe>(run?.about.probe ?? (chained ? 'dns' : 'echo'));
  const [typed, setTyped] = useState('');
  const id = useId();
  const target = checkTarget(probe, typed, chained);
  const running = run?.state === 'running';
  const start = (): void => {
    if (target !== undefined) void startUdpCheck(model, service, probe, target);
  };
  return (
    <Inspector title={service} kind={t('udpCheck.title')}>
      <form
        className="udp-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (running) void cancelUdpCheck(model, service);
          else start();
        }}
      >
        <label className="inline-label">
          {t('words.service')}
          <select
            className="input select"
            value={service}
            disabled={running}
            onChange={(event) =>
              model.ui.setState({ selected: { kind: 'udp-check', service: event.target.value } })
            }
          >
            {services.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className="inline-label">
          {t('udpCheck.probe')}
          <select
            className="input select"
            value={probe}
            disabled={running}
            onChange={(event) => {
              const next = UDP_PROBES.find((each) => each === event.target.value);
              if (next !== undefined) setProbe(next);
              setTyped('');
            }}
          >
            {UDP_PROBES.map((each) => (
              <option key={each} value={each}>
                {t(`udpProbe.${each}`)}
              </option>
            ))}
          </select>
        </label>
        <label htmlFor={id}>{t('udpCheck.target')}</label>
        <input
          id={id}
          className="input"
          dir="ltr"
          spellCheck={false}
          autoComplete="off"
          disabled={running}
          placeholder={
            probe === 'echo' && !chained ? t('udpCheck.builtIn') : USUAL_TARGETS[probe] || 'host:port'
          }
          value={typed}
          aria-invalid={target === undefined && typed !== ''}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setTyped(event.target.value)}
        />
        <p id={`${id}-hint`} className="muted small">
          {target === undefined ? t('udpCheck.badTarget') : t(`udpProbeHint.${probe}`)}
        </p>
        <Button
          type="submit"
          look={running ? 'plain' : 'primary'}
          disabled={!running && target === undefined}
        >
          {running ? t('cancel') : t(run === undefined ? 'udpCheck.run' : 'udpCheck.again')}
        </Button>
      </form>
      {run !== undefined && run.error !== null && (
        <Failure what={t('udpCheck.broken')} why={errorText(run.error)} next={nextStep(run.error)} />
      )}
      {run !== undefined && run.progress !== null && (
        <Ladder check={run.progress} state={run.state} restart={start} />
      )}
    </Inspector>
  );
}

function Ladder({
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

function verdict({ ok, loss, probe }: UdpCheck): string {
  if (ok !== true) return t('udpCheck.stopped');
  const lost = loss === null ? 0 : loss.sent - loss.received;
  return lost === 0
    ? t('udpCheck.works', { probe: t(`udpProbe.${probe}`) })
    : t('udpCheck.worksLossy', { lost });
}

function detailOf(rung: UdpRung, check: UdpCheck): string {
  if (rung.state === 'skipped') return t(rung.name === 'hops' ? 'udpCheck.noHops' : 'udpCheck.noSweep');
  if (rung.state === 'held') return t('udpCheck.held');
  if (rung.name === 'associate' && check.bound !== null) {
    const any = check.bound.host === '0.0.0.0' || check.bound.host === '::';
    return t(any ? 'udpCheck.boundAny' : 'udpCheck.bound', { address: hostPort(check.bound) });
  }
  if (rung.name === 'answer' && rung.state === 'ok')
    return check.target === null ? t('udpCheck.builtIn') : hostPort(check.target);
  return '';
}

function fixValues(check: UdpCheck): Readonly<Record<string, string | number>> {
  const failed = check.hops.findIndex(({ state }) => state === 'failed');
  return {
    service: check.service,
    number: failed + 1,
    hop: check.hops[failed]?.node ?? '',
    target: check.target === null ? '' : hostPort(check.target),
    relay: check.bound === null ? '' : hostPort(check.bound),
  };
}

/** What failed and where, in the words of the object it is about. */
function whatFailed(rung: UdpRung, check: UdpCheck): string {
  const failed = check.hops.findIndex(({ state }) => state === 'failed');
  const hop = check.hops[failed];
  if (rung.name !== 'hops' || hop === undefined) return t(`rungFailed.${rung.name}`, fixValues(check));
  const where = { number: failed + 1, hop: hop.node, address: hostPort(hop.address) };
  return hop.reply === null
    ? t('udpCheck.hopFailed', where)
    : t('udpCheck.hopAnswered', { ...where, reply: replyText(hop.reply) });
}

function whyFailed({ error }: UdpRung, { dropped }: UdpCheck): string {
  const why = error === null ? '' : errorText(error);
  return dropped === null ? why : `${why} ${t(`drop.${dropped}`)}`;
}

const NAMED_REPLIES = [1, 2, 3, 4, 5, 6, 7, 8];

function replyText(reply: number | null): string {
  if (reply === null) return t('rungState.failed');
  if (!NAMED_REPLIES.includes(reply)) return t('udpCheck.replyCode', { code: reply });
  // the names of the replies are keys of the catalogue
  return `${t(`socksReply.${reply}` as Key)} (${reply})`;
}
