/** Programs that look names up themselves before they ask a service with a chain: who they are, what that tells whom, and what to set. */
import { TriangleAlert } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { NamingCount } from '../../../core/contract/stats.ts';
import { useModel } from '../../components/context.ts';
import { t } from '../../i18n/index.ts';

const AGAIN_MS = 2_000;
/** Fewer requests say little: some programs ask for a few addresses on purpose. */
const ENOUGH = 5;
const SHOWN = 3;

export function ServiceNaming({ service }: { service: string }): ReactNode {
  const leaking = useNaming(service)
    .filter(({ literal, named }) => literal >= ENOUGH && literal > named)
    .slice(0, SHOWN);
  if (leaking.length === 0) return null;
  return (
    <div className="failure failure-warn" role="note">
      <TriangleAlert aria-hidden />
      <div className="failure-text">
        <p className="failure-what">{t('naming.what')}</p>
        <ul className="naming">
          {leaking.map(({ client, literal, named }) => (
            <li key={client} className="number">
              {t('naming.count', {
                client: client === '' ? t('naming.others') : client,
                literal,
                total: literal + named,
              })}
            </li>
          ))}
        </ul>
        <p className="failure-why">{t('naming.why')}</p>
        <p className="failure-next">{t('naming.next')}</p>
      </div>
    </div>
  );
}

/** Asked for while somebody looks. */
function useNaming(name: string): readonly NamingCount[] {
  const { client } = useModel();
  const [counts, setCounts] = useState<readonly NamingCount[]>([]);
  useEffect(() => {
    let gone = false;
    const ask = async (): Promise<void> => {
      const reply = await client.call('service.naming', { name });
      if (!gone && reply.ok && !document.hidden) setCounts(reply.value);
    };
    void ask();
    const timer = setInterval(() => void ask(), AGAIN_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [client, name]);
  return counts;
}
