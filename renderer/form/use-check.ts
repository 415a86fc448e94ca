/** Findings of edits that are not saved yet, asked of the host when typing pauses and, at the latest, before they are applied. */
import { useEffect, useState } from 'react';
import type { Edit, Finding } from '../../core/contract/config.ts';
import { useModel } from '../components/context.ts';

const PAUSE_MS = 200;

export interface Check {
  /** While the next answer is on its way those of the last one stay, so that the form does not jump. */
  readonly findings: readonly Finding[];
  /** Something is known to block exactly these edits. */
  readonly blocks: boolean;
  /** Asks now if these edits were not asked about yet. True: nothing blocks them, or the host could not be asked and will judge itself. */
  passes(): Promise<boolean>;
}

export function useCheck(edits: Edit[]): Check {
  const model = useModel();
  const [answer, setAnswer] = useState<{ asked: string; findings: readonly Finding[] } | null>(null);
  // equal edits of two renders are one question
  const asked = edits.length === 0 ? '' : JSON.stringify(edits);
  const ask = async (): Promise<readonly Finding[] | null> => {
    const revision = model.host.getState().config?.revision ?? 0;
    const reply = await model.client.call('config.check', { revision, edits });
    return reply.ok ? reply.value : null;
  };
  useEffect(() => {
    if (asked === '') return undefined;
    let stale = false;
    const timer = setTimeout(() => {
      void ask().then((findings) => {
        if (!stale && findings !== null) setAnswer({ asked, findings });
      });
    }, PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
    // the edits are what was `asked`
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [asked, model]);
  const known = answer !== null && answer.asked === asked;
  return {
    findings: asked === '' || answer === null ? [] : answer.findings,
    blocks: known && isBlocking(answer.findings),
    passes: async () => {
      if (known || asked === '') return !known || !isBlocking(answer.findings);
      const findings = await ask();
      if (findings === null) return true;
      setAnswer({ asked, findings });
      return !isBlocking(findings);
    },
  };
}

function isBlocking(findings: readonly Finding[]): boolean {
  return findings.some(({ grade }) => grade === 'blocks');
}
