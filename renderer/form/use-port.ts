/** Whether a service could listen at an address, asked of the host when typing pauses. */
import { useEffect, useState } from 'react';
import type { PortCheck } from '../../core/contract/api.ts';
import { useModel } from '../components/context.ts';
import { splitAddress, validPort } from '../format/address.ts';

const PAUSE_MS = 300;

/** Null: not asked (the address is the saved one, or can not be one), or no answer yet. */
export function usePort(addr: string, saved: string | null, service: string | null): PortCheck | null {
  const model = useModel();
  const [answer, setAnswer] = useState<{ addr: string; check: PortCheck } | null>(null);
  useEffect(() => {
    const { host, port } = splitAddress(addr);
    if (addr === saved || !validPort(port) || /\s/.test(host)) return undefined;
    let stale = false;
    const timer = setTimeout(() => {
      void model.client.call('port.check', { service, host, port: Number(port) }).then((reply) => {
        if (!stale && reply.ok) setAnswer({ addr, check: reply.value });
      });
    }, PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [addr, saved, service, model]);
  return answer?.addr === addr && addr !== saved ? answer.check : null;
}
