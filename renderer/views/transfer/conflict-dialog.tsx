/** Somebody else changed the linked file. What both sides did in different places is joined; where they met, a person chooses. */
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import type { WireError } from '../../../core/contract/errors.ts';
import type { Conflict } from '../../../core/contract/imports.ts';
import { settle } from '../../actions/transfer.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { RefusedCall } from '../../components/failure.tsx';
import { Findings } from '../../components/findings.tsx';
import { linesOf, merge, type Stretch } from '../../edits/lines.ts';
import { maskedLine } from '../../edits/mask.ts';
import { t } from '../../i18n/index.ts';
import { LineDiff } from './line-diff.tsx';

type Side = 'ours' | 'theirs';

export function ConflictDialog(): ReactNode {
  const model = useModel();
  const link = useHost((state) => state.config?.link ?? null);
  const [texts, setTexts] = useState<Conflict | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const pending = link?.conflict === true;
  useEffect(() => {
    if (!pending) return undefined;
    let stale = false;
    void model.client.call('config.conflict', null).then((reply) => {
      if (stale) return;
      if (reply.ok) setTexts(reply.value);
      else setError(reply.error);
    });
    return () => {
      stale = true;
    };
  }, [model, pending, link]);
  return (
    <Dialog title={t('transfer.conflictTitle')} close={() => model.ui.setState({ dialog: null })} full>
      <div className="dialog-body conflict">
        {error !== null && <RefusedCall what={t('transfer.notSettled')} error={error} />}
        {!pending && <p className="import-none">{t('transfer.noConflict')}</p>}
        {pending && texts !== null && <Sides texts={texts} refused={setError} />}
      </div>
    </Dialog>
  );
}

function Sides({
  texts,
  refused,
}: {
  texts: Conflict;
  refused: (error: WireError | null) => void;
}): ReactNode {
  const model = useModel();
  const stretches = useMemo(
    () => merge(linesOf(texts.base), linesOf(texts.ours), linesOf(texts.theirs)),
    [texts],
  );
  const [chosen, setChosen] = useState<Readonly<Record<number, Side>>>({});
  const meetings = stretches.flatMap((stretch, index) =>
    stretch.kind === 'conflict' ? [{ stretch, index }] : [],
  );
  const open = meetings.filter(({ index }) => chosen[index] === undefined).length;
  const ending = texts.theirs.endsWith('\n') || texts.theirs === '' ? '\n' : '';
  const joined = stretches.flatMap((stretch, index) => linesIn(stretch, chosen[index] ?? 'theirs'));
  const save = async (text: string): Promise<void> => refused(await settle(model, text));
  const shown = (text: string): string[] => linesOf(text).map(maskedLine);
  return (
    <>
      <p>{t(texts.ours === texts.base ? 'transfer.onlyTheirs' : 'transfer.bothSides')}</p>
      <Findings findings={texts.findings.filter(({ grade }) => grade === 'blocks')} />
      <div className="conflict-sides">
        <div>
          <h3>{t('side.theirs')}</h3>
          <LineDiff label={t('side.theirs')} before={shown(texts.base)} after={shown(texts.theirs)} />
        </div>
        <div>
          <h3>{t('side.ours')}</h3>
          <LineDiff label={t('side.ours')} before={shown(texts.base)} after={shown(texts.ours)} />
        </div>
      </div>
      {meetings.map(({ stretch, index }, number) => (
        <fieldset key={index} className="conflict-choice">
          <legend>{t('transfer.meeting', { number: number + 1, count: meetings.length })}</legend>
          {(['theirs', 'ours'] as const).map((side) => (
            <label key={side}>
              <input
                type="radio"
                name={`meeting-${index}`}
                checked={chosen[index] === side}
                onChange={() => setChosen({ ...chosen, [index]: side })}
              />
              <span>{t(`side.${side}`)}</span>
              <pre dir="ltr">{stretch[side].map(maskedLine).join('\n')}</pre>
            </label>
          ))}
        </fieldset>
      ))}
      <footer className="import-foot">
        <Button onClick={() => void save(texts.theirs)}>{t('transfer.takeTheirs')}</Button>
        <Button onClick={() => void save(texts.ours)}>{t('transfer.keepOurs')}</Button>
        <Button look="primary" disabled={open > 0} onClick={() => void save(joined.join('\n') + ending)}>
          {open > 0 ? t('transfer.decideFirst', { count: open }) : t('transfer.join')}
        </Button>
      </footer>
    </>
  );
}

function linesIn(stretch: Stretch, side: Side): readonly string[] {
  return stretch.kind === 'settled' ? stretch.lines : stretch[side];
}
