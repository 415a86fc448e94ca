/** The on/off switch of a service. It shows what the host read back; while that is on its way it says so. */
import { Switch } from 'radix-ui';
import type { ReactNode } from 'react';
import type { ServiceState } from '../../core/contract/api.ts';
import { switchService } from '../actions/host.ts';
import { t } from '../i18n/index.ts';
import { useHost, useModel } from './context.ts';

export function ServiceSwitch({ service }: { service: ServiceState }): ReactNode {
  const model = useModel();
  const busy = useHost((state) => state.switching.includes(service.name));
  const on = service.state === 'up' || service.state === 'starting';
  return (
    <Switch.Root
      className="switch"
      checked={on}
      aria-busy={busy}
      aria-label={t('services.switch', { name: service.name })}
      onCheckedChange={(next) => void switchService(model, service.name, next)}
    >
      <Switch.Thumb className="switch-thumb" />
    </Switch.Root>
  );
}
