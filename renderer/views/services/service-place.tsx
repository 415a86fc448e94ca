/** Where a service listens: from where it can be reached and on which port, with a look whether that place is to be had. */
import { useEffect, useState, type ReactNode } from 'react';
import type { HostAddress, PortCheck } from '../../../core/contract/api.ts';
import { Button } from '../../components/button.tsx';
import { useModel } from '../../components/context.ts';
import { SelectInput, TextInput } from '../../form/inputs.tsx';
import { usePort } from '../../form/use-port.ts';
import { anyHost, joinAddress, loopbackHost, splitAddress } from '../../format/address.ts';
import { t } from '../../i18n/index.ts';

export function ServicePlace({
  addr,
  saved,
  service,
  hostProblem,
  portProblem,
  change,
}: {
  addr: string;
  /** The address in the file; null for a new service. */
  saved: string | null;
  service: string | null;
  hostProblem: string | undefined;
  portProblem: string | undefined;
  change: (addr: string) => void;
}): ReactNode {
  const { host, port } = splitAddress(addr);
  const check = usePort(addr, saved, service);
  return (
    <>
      <div className="field-pair">
        <HostInput host={host} problem={hostProblem} change={(next) => change(joinAddress(next, port))} />
        <TextInput
          label={t('services.port')}
          value={port}
          numeric
          problem={portProblem}
          change={(next) => change(joinAddress(host, next.trim()))}
        />
      </div>
      {check !== null && check.state !== 'free' && (
        <div className="place-taken" role="status">
          <span>{sentence(check, host, port)}</span>
          {check.free !== null && (
            <Button look="quiet" onClick={() => change(joinAddress(host, String(check.free)))}>
              {t('place.use', { port: check.free })}
            </Button>
          )}
        </div>
      )}
      {check?.state === 'free' && (
        <p className="place-free" role="status">
          {t('place.free', { port })}
        </p>
      )}
    </>
  );
}

function sentence({ state, owner }: PortCheck, host: string, port: string): string {
  if (state === 'unavailable') return t('place.unavailable', { host });
  if (state === 'denied') return t('place.denied', { port });
  return owner === null ? t('place.taken', { port }) : t('place.takenBy', { port, owner });
}

function HostInput({
  host,
  problem,
  change,
}: {
  host: string;
  problem: string | undefined;
  change: (host: string) => void;
}): ReactNode {
  const addresses = useAddresses();
  const known = addresses.some(({ address }) => address === host);
  const kind = loopbackHost(host) ? 'this' : anyHost(host) ? 'all' : known ? host : 'other';
  const [other, setOther] = useState(false);
  const shown = other ? 'other' : kind;
  return (
    <div className="host-input">
      <SelectInput
        label={t('services.reachable')}
        value={shown}
        choices={[
          { value: 'this', label: t('services.thisComputer') },
          { value: 'all', label: t('services.allInterfaces') },
          ...addresses.map(({ name, address }) => ({ value: address, label: `${address} (${name})` })),
          { value: 'other', label: t('services.oneAddress') },
        ]}
        change={(next) => {
          setOther(next === 'other');
          if (next === 'this') change('127.0.0.1');
          else if (next === 'all') change('');
          else if (next !== 'other') change(next);
        }}
      />
      {shown === 'other' && (
        <TextInput
          label={t('services.host')}
          value={host}
          problem={problem}
          change={(next) => change(next.trim())}
        />
      )}
    </div>
  );
}

/** Addresses of this computer, asked once per form. */
function useAddresses(): readonly HostAddress[] {
  const model = useModel();
  const [addresses, setAddresses] = useState<readonly HostAddress[]>([]);
  useEffect(() => {
    let gone = false;
    void model.client.call('host.addresses', null).then((reply) => {
      if (!gone && reply.ok) setAddresses(reply.value);
    });
    return () => {
      gone = true;
    };
  }, [model]);
  return addresses;
}
