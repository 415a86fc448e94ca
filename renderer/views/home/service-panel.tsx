/** One service on Home. Open: everything needed to use it and to send it elsewhere. Closed: one line. */
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ChevronRight, Plus, RotateCw, Terminal } from 'lucide-react';
import type { ServiceState } from '../../../core/contract/api.ts';
import { addHopToService, copy, quickStart } from '../../actions/host.ts';
import { AddUri } from '../../components/add-uri.tsx';
import { Button, IconButton } from '../../components/button.tsx';
import { useHost, useModel, useSignal } from '../../components/context.ts';
import { CopyButton } from '../../components/copy.tsx';
import { Failure } from '../../components/failure.tsx';
import { Menu } from '../../components/menu.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { ServiceMark } from '../../components/state.tsx';
import { Stream, Way, type Station } from '../../components/stream.tsx';
import { ServiceSwitch } from '../../components/switch.tsx';
import { chainsOf, hopsOf, nodesOf } from '../../edits/chains.ts';
import { hostPort, reachable } from '../../format/address.ts';
import { count, rate } from '../../format/bytes.ts';
import { curlCommand, shellCommand, type ProxyUse, type Shell } from '../../../core/contract/command.ts';
import { errorText, language, nextStep, t } from '../../i18n/index.ts';
import { SelfTestLine } from './self-test.tsx';
import { ProblemCard } from '../frame/problems.tsx';

const SHELLS: readonly Shell[] = ['bash', 'fish', 'powershell', 'cmd'];

export function ServicePanel({
  service,
  open,
  greets,
  show,
}: {
  service: ServiceState;
  open: boolean;
  /** Its address gets the focus when it appears. */
  greets: boolean;
  show: () => void;
}): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (greets) heading.current?.focus();
  }, [greets]);
  const chain = useHost((state) =>
    chainsOf(state.config?.config ?? {}).find(({ name }) => name === service.chain),
  );
  const way = hopsOf(chain).map(
    (hop) =>
      nodesOf(hop)
        .map(({ name }) => name ?? '')
        .join(' | ') ||
      (hop.name ?? ''),
  );
  const [bound] = service.bound;
  const address = bound === undefined ? service.address : hostPort(reachable(bound));
  if (!open) {
    return (
      <section className="panel service-line" aria-label={service.name}>
        <ServiceMark state={service.state} />
        <button type="button" className="service-line-open" onClick={show} aria-expanded={false}>
          <ChevronRight aria-hidden />
          <strong dir="ltr" title={service.name}>
            {service.name}
          </strong>
          <span className="address" dir="ltr">
            {address}
          </span>
        </button>
        <Way names={way} direct={t('direct')} />
        <LiveNumbers name={service.name} />
        <ServiceSwitch service={service} />
      </section>
    );
  }
  return (
    <section className="panel service-panel" aria-label={service.name}>
      <header className="service-head">
        <ServiceMark state={service.state} />
        <span className="service-name" dir="ltr" title={service.name}>
          {service.name}
        </span>
        <LiveNumbers name={service.name} />
        <ServiceSwitch service={service} />
      </header>
      <div className="service-address">
        <h2 ref={heading} tabIndex={-1} dir="ltr">
          {address}
        </h2>
        <CopyButton text={address} what={t('copy.address')} />
        {service.state === 'up' && <SelfTestLine service={service.name} udp={service.udp} />}
      </div>
      <TakenPort service={service.name} />
      {service.state === 'failed' && service.error !== null && <ServiceFailure service={service} />}
      <WayOut service={service} />
      {service.state === 'up' && bound !== undefined && (
        <UseIt use={{ address: reachable(bound), handler: service.handler, auth: service.auth }} />
      )}
    </section>
  );
}

function LiveNumbers({ name }: { name: string }): ReactNode {
  const model = useModel();
  useSignal(model.traffic.changed);
  const rates = model.traffic.services.get(name) ?? [];
  const totals = model.live.services.get(name);
  const udp = [...model.live.associations.values()].filter(
    (one) => one.service === name && one.endedAt === null,
  ).length;
  return (
    <span className="live-numbers">
      <Sparkline values={rates} />
      <span className="number number-rate">{rate(rates.at(-1) ?? 0)}</span>
      <span className="number number-open">
        {t('home.open', { count: totals?.open ?? 0, shown: count(totals?.open ?? 0, language()) })}
      </span>
      {udp > 0 && <span className="number number-udp">{t('home.udp', { count: udp })}</span>}
    </span>
  );
}

/** The asked port was taken: said once, with the way back to it. */
function TakenPort({ service }: { service: string }): ReactNode {
  const model = useModel();
  const quick = useHost((state) => state.quick);
  if (quick?.service !== service || quick.taken === null) return null;
  const { port, owner } = quick.taken;
  return (
    <p className="taken">
      <span>
        {owner === null
          ? t('home.taken', { port, now: quick.address.port })
          : t('home.takenBy', { port, owner, now: quick.address.port })}
      </span>
      <Button look="quiet" icon={<RotateCw aria-hidden />} onClick={() => void quickStart(model, port)}>
        {t('home.useInstead', { port })}
      </Button>
    </p>
  );
}

function ServiceFailure({ service }: { service: ServiceState }): ReactNode {
  const problem = useHost((state) => state.problems.find(({ id }) => id === `service:${service.name}`));
  if (problem !== undefined) return <ProblemCard problem={problem} />;
  return (
    <Failure
      what={t('services.notListening', { name: service.name })}
      where={service.address}
      why={service.error === null ? '' : errorText(service.error)}
      next={service.error === null ? '' : nextStep(service.error)}
    />
  );
}

function WayOut({ service }: { service: ServiceState }): ReactNode {
  const model = useModel();
  const [adding, setAdding] = useState(false);
  const chain = useHost((state) =>
    chainsOf(state.config?.config ?? {}).find(({ name }) => name === service.chain),
  );
  const tone = service.state === 'up' ? 'ok' : 'idle';
  const hops = hopsOf(chain).map((hop): Station => {
    const nodes = nodesOf(hop);
    return {
      kind: 'hop',
      tone,
      label:
        nodes.length === 1 ? (nodes[0]?.addr ?? hop.name ?? '') : t('stream.nodes', { count: nodes.length }),
      detail: nodes.length === 1 ? nodes[0]?.connector?.type : hop.name,
    };
  });
  const stations: Station[] = [
    { kind: 'end', label: t('stream.programs') },
    {
      kind: 'service',
      label: service.name,
      detail: service.handler,
      tone,
    },
    ...hops,
    {
      kind: 'add',
      tone,
      label: hops.length === 0 ? t('hop.add') : t('hop.addAnother'),
      action: (
        <IconButton label={t('hop.add')} aria-expanded={adding} onClick={() => setAdding(!adding)}>
          <Plus aria-hidden />
        </IconButton>
      ),
    },
    { kind: 'end', label: t('stream.internet'), tone },
  ];
  return (
    <div className="way-out">
      <Stream stations={stations} label={t('stream.label')} />
      {adding && (
        <AddUri
          label={t('hop.paste')}
          button={t('hop.add')}
          cancel={() => setAdding(false)}
          submit={async (uri) => {
            const refused = await addHopToService(model, service.name, uri);
            if (refused === null) setAdding(false);
            return refused;
          }}
        />
      )}
    </div>
  );
}

function UseIt({ use }: { use: ProxyUse }): ReactNode {
  const model = useModel();
  return (
    <div className="use-it">
      <Menu
        label={t('use.shells')}
        trigger={<Button icon={<Terminal aria-hidden />}>{t('use.command')}</Button>}
        groups={[
          SHELLS.map((shell) => ({
            label: t(`shell.${shell}`),
            run: () => void copy(model, shellCommand(shell, use), t('copy.command')),
          })),
        ]}
      />
      <div className="command">
        <code dir="ltr">{curlCommand(use, null)}</code>
        <CopyButton text={curlCommand(use, null)} what={t('copy.test')} />
      </div>
    </div>
  );
}
