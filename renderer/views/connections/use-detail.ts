/** What the host knows about one connection beyond its row, asked for while somebody looks: at once, then once a second. */
import { useEffect, useState } from 'react';
import type { ConnectionDetail } from '../../../core/contract/stats.ts';
import { useModel } from '../../components/context.ts';

const AGAIN_MS = 1_000;

/** Null until the first answer, and for a connection that is no longer remembered. `live` false: asked once. */
export function useDetail(id: string, live: boolean): ConnectionDetail | null {
  const { client } = useModel();
  const [detail, setDetail] = useState<ConnectionDetail | null>(null);
  useEffect(() => {
    let gone = false;
    const ask = async (): Promise<void> => {
      const reply = await client.call('connection.detail', { id });
      if (!gone && reply.ok && !document.hidden) setDetail(reply.value);
    };
    void ask();
    const timer = live ? setInterval(() => void ask(), AGAIN_MS) : undefined;
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [client, id, live]);
  return detail?.id === id ? detail : null;
}
