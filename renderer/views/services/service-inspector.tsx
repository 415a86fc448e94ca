/** A service in the inspector: what it does now, and the draft of what it should do. */
import { Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Service } from '../../../core/contract/config.ts';
import { removeService } from '../../actions/list.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { ServiceMark } from '../../components/state.tsx';
import { ServiceSwitch } from '../../components/switch.tsx';
import { findingsAt, indexOfService, newService, servicesIn } from '../../edits/services.ts';
import { t } from '../../i18n/index.ts';
import { Inspector } from '../frame/inspector.tsx';
import { Findings } from '../../components/findings.tsx';
import { ServiceForm } from './service-form.tsx';
import { ServiceNaming } from './service-naming.tsx';
import { ServiceNow } from './service-now.tsx';

export function ServiceInspector({ name }: { name: string }): ReactNode {
  const model = useModel();
  const config = useHost((state) => state.config);
  const state = useHost(({ services }) => services.find((service) => service.name === name));
  const index = config === null ? -1 : indexOfService(config.config, name);
  const service = config === null ? undefined : servicesIn(config.config)[index];
  if (config === null || service === undefined) return null;
  return (
    <Inspector title={name} kind={t('words.service')}>
      <div className="inspector-now">
        {state !== undefined && (
          <>
            <ServiceSwitch service={state} />
            <ServiceMark state={state.state} />
          </>
        )}
        <Button look="danger" icon={<Trash2 aria-hidden />} onClick={() => void removeService(model, name)}>
          {t('remove')}
        </Button>
      </div>
      {state?.state === 'up' && <ServiceNow service={state} />}
      {service.handler?.chain !== undefined && <ServiceNaming service={name} />}
      <Findings findings={findingsAt(config.findings, ['services', index])} />
      <ServiceForm key={`${index} ${JSON.stringify(service)}`} service={service} index={index} />
    </Inspector>
  );
}

export function NewServiceInspector(): ReactNode {
  const config = useHost((state) => state.config?.config);
  const [service] = useState<Service>(() => newService(config ?? {}));
  return (
    <Inspector title={t('services.new')} kind={t('words.service')} focus>
      <ServiceForm service={service} index={null} />
    </Inspector>
  );
}
