/** All services in one table; where it gets narrow the figures go first, they stand in the inspector too. A row's name opens it in the inspector; its switch starts and stops that one service. */
import { Lock, Plus } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { ServiceState } from '../../../core/contract/api.ts';
import { quickStart } from '../../actions/host.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useSignal, useUi } from '../../components/context.ts';
import { CopyButton } from '../../components/copy.tsx';
import { Empty } from '../../components/empty.tsx';
import { ServiceMark } from '../../components/state.tsx';
import { Way } from '../../components/stream.tsx';
import { ServiceSwitch } from '../../components/switch.tsx';
import { hostPort, reachable } from '../../format/address.ts';
import { bytes, count } from '../../format/bytes.ts';
import { hostText, language, t } from '../../i18n/index.ts';
import { ScreenHead } from '../frame/screen-head.tsx';
import { ProblemCard } from '../frame/problems.tsx';

export function Services(): ReactNode {
  const model = useModel();
  const services = useHost((state) => state.services);
  const problems = useHost((state) => state.problems);
  const mine = problems.filter(({ id }) => services.some(({ name }) => id.endsWith(`:${name}`)));
  return (
    <>
      <ScreenHead title={t('screen.services')}>
        <Button
          look="primary"
          icon={<Plus aria-hidden />}
          onClick={() => model.ui.setState({ selected: { kind: 'new-service' } })}
        >
          {t('action.newService')}
        </Button>
      </ScreenHead>
      <div className="page page-table">
        {mine.map((problem) => (
          <ProblemCard key={problem.id} problem={problem} />
        ))}
        {services.length === 0 ? (
          <Empty text={t('services.empty')}>
            <Button look="primary" onClick={() => void quickStart(model, null)}>
              {t('first.title')}
            </Button>
          </Empty>
        ) : (
          <ServiceTable services={services} />
        )}
      </div>
    </>
  );
}

function ServiceTable({ services }: { services: readonly ServiceState[] }): ReactNode {
  return (
    <div className="table-scroll">
      <table className="table services-table" onKeyDown={moveBetweenRows}>
        <thead>
          <tr>
            <th scope="col">{t('services.on')}</th>
            <th scope="col">{t('services.name')}</th>
            <th scope="col">{t('services.address')}</th>
            <th scope="col">{t('services.type')}</th>
            <th scope="col" className="when-wide">
              {t('services.signIn')}
            </th>
            <th scope="col" className="when-medium">
              {t('services.wayOut')}
            </th>
            <th scope="col" className="right when-medium">
              {t('services.openNow')}
            </th>
            <th scope="col" className="right when-wide">
              {t('traffic.down')}
            </th>
            <th scope="col" className="right when-wide">
              {t('traffic.up')}
            </th>
          </tr>
        </thead>
        <tbody>
          {services.map((service) => (
            <ServiceRow key={service.name} service={service} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ServiceRow({ service }: { service: ServiceState }): ReactNode {
  const model = useModel();
  const selected = useUi(
    (state) => state.selected?.kind === 'service' && state.selected.name === service.name,
  );
  useSignal(model.traffic.changed);
  const totals = model.live.services.get(service.name);
  const [bound] = service.bound;
  const address = bound === undefined ? service.address : hostPort(bound);
  const schema = useHost((state) => state.schemas?.handlers[service.handler]);
  const open = (): void => model.ui.setState({ selected: { kind: 'service', name: service.name } });
  return (
    <tr className={selected ? 'row-selected' : undefined} onClick={open}>
      <td className="cell-state" onClick={(event) => event.stopPropagation()}>
        <ServiceSwitch service={service} />
        <ServiceMark state={service.state} />
      </td>
      <th scope="row">
        <button
          type="button"
          className="row-open"
          aria-pressed={selected}
          title={service.name}
          onClick={open}
        >
          {service.name}
        </button>
      </th>
      <td>
        <span className="address" dir="ltr">
          {address}
        </span>
        {bound !== undefined && <CopyButton text={hostPort(reachable(bound))} what={t('copy.address')} />}
      </td>
      <td>
        {hostText(schema?.title ?? service.handler)}
        {service.listener !== 'tcp' && <span className="muted"> · {service.listener}</span>}
        {service.udp && <span className="badge">UDP</span>}
      </td>
      <td className="when-wide">
        {service.auth ? (
          <span className="mark mark-ok">
            <Lock aria-hidden />
            {t('services.password')}
          </span>
        ) : (
          <span className={service.exposed ? 'mark mark-warn' : 'muted'}>
            {service.exposed ? t('services.exposed') : t('services.noPassword')}
          </span>
        )}
      </td>
      <td className="when-medium">
        <Way names={service.chain === null ? [] : [service.chain]} direct={t('direct')} />
      </td>
      <td className="number right when-medium">{count(totals?.open ?? 0, language())}</td>
      <td className="number right when-wide">{bytes(totals?.down ?? 0)}</td>
      <td className="number right when-wide">{bytes(totals?.up ?? 0)}</td>
    </tr>
  );
}

/** Up and down go from row to row, as in a list. */
function moveBetweenRows(event: KeyboardEvent<HTMLTableElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.row-open')];
  const at = rows.findIndex((row) => row === document.activeElement);
  if (at < 0) return;
  event.preventDefault();
  rows[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
}
