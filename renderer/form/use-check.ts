/** Findings of edits that are not saved yet, asked of the host when typing pauses. */
import { useEffect, useState } from 'react';
import type { Edit, Finding } from '../../core/contract/config.ts';
import { useModel } from '../components/context.ts';

const PAUSE_MS = 200;

export function useCheck(edits: Edit[]): readonly Finding[] {
  const model = useModel();
  const [answer, setAnswer] = useState<{ asked: string; findings: readonly Finding[] } | null>(null);
  // equal edits of two renders are one question
  const asked = edits.length === 0 ? '' : JSON.stringify(edits);
  useEffect(() => {
    if (asked === '') return undefined;
    let stale = false;
    const timer = setTimeout(() => {
      const revision = model.host.getState().config?.revision ?? 0;
      // written by JSON.stringify above
      const draft = JSON.parse(asked) as Edit[];
      void model.client.call('config.check', { revision, edits: draft }).then((reply) => {
        if (!stale && reply.ok) setAnswer({ asked, findings: reply.value });
      });
    }, PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [asked, model]);
  // while the next answer is on its way the last one stays, so that the form does not jump
  return asked === '' || answer === null ? [] : answer.findings;
}
