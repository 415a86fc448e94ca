/** The configuration as text. Passwords are in it, so it is shown only after the user said so; saved by the same rules as every edit. */
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { KeyRound } from 'lucide-react';
import type { Finding } from '../../../core/contract/config.ts';
import type { WireError } from '../../../core/contract/errors.ts';
import type { FileShapes } from '../../../core/contract/imports.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useTransfer } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { RefusedCall } from '../../components/failure.tsx';
import { linesOf, merge } from '../../edits/lines.ts';
import { hostText, t } from '../../i18n/index.ts';
import { toast } from '../../store/ui.ts';
import { GradeMark } from './grade-mark.tsx';

const Editor = lazy(() => import('./editor.tsx').then((module) => ({ default: module.Editor })));
const CHECK_MS = 250;

export function TextDialog(): ReactNode {
  const model = useModel();
  const draft = useTransfer((state) => state.draft);
  const path = useHost((state) => state.config?.path ?? '');
  const [shapes, setShapes] = useState<FileShapes | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const reveal = async (): Promise<void> => {
    const [text, file] = await Promise.all([
      model.client.call('config.text', null),
      model.client.call('schema.file', null),
    ]);
    if (!text.ok) setError(text.error);
    else if (!file.ok) setError(file.error);
    else {
      const { draft: kept } = model.transfer.getState();
      const { text: saved, revision } = text.value;
      setShapes(file.value);
      // what was written before and not saved is still there
      if (kept === null || kept.text === kept.base)
        model.transfer.setState({ draft: { text: saved, base: saved, revision } });
    }
  };
  return (
    <Dialog title={path} close={() => model.ui.setState({ dialog: null })} full>
      {error !== null && <RefusedCall what={t('transfer.noText')} error={error} />}
      {shapes === null || draft === null ? (
        <div className="dialog-body text-gate">
          <KeyRound aria-hidden />
          <p>{t('transfer.textGate')}</p>
          <Button look="primary" onClick={() => void reveal()}>
            {t('transfer.showText')}
          </Button>
        </div>
      ) : (
        <Suspense fallback={<p className="dialog-body loading">{t('load.loading')}</p>}>
          <Open shapes={shapes} />
        </Suspense>
      )}
    </Dialog>
  );
}

function Open({ shapes }: { shapes: FileShapes }): ReactNode {
  const model = useModel();
  const draft = useTransfer((state) => state.draft);
  const line = useTransfer((state) => state.goTo);
  const revision = useHost((state) => state.config?.revision ?? 0);
  const [findings, setFindings] = useState<readonly Finding[]>([]);
  const [error, setError] = useState<WireError | null>(null);
  const [busy, setBusy] = useState(false);
  const text = draft?.text ?? '';
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => {
      void model.client.call('config.checkText', { text }).then((reply) => {
        if (!stale && reply.ok) setFindings(reply.value);
      });
    }, CHECK_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [model, text]);
  if (draft === null) return null;
  const dirty = draft.text !== draft.base;
  const outdated = draft.revision !== revision;

  /** Takes over what was saved elsewhere meanwhile: joined with the draft where both can stand, else the draft stays to be looked at. */
  const refresh = async (): Promise<void> => {
    const reply = await model.client.call('config.text', null);
    if (!reply.ok) {
      setError(reply.error);
      return;
    }
    const { text: saved, revision: now } = reply.value;
    const stretches = merge(linesOf(draft.base), linesOf(draft.text), linesOf(saved));
    const mine = stretches.flatMap((part) =>
      part.kind === 'settled'
        ? [...part.lines]
        : [...part.ours, ...part.theirs.map((row) => `# ${t('transfer.alsoSaved')}: ${row}`)],
    );
    model.transfer.setState({
      draft: { text: dirty ? `${mine.join('\n')}\n` : saved, base: saved, revision: now },
    });
    setError(null);
  };
  const save = async (): Promise<void> => {
    if (!dirty || busy) return;
    setBusy(true);
    const reply = await model.client.call('config.write', {
      revision: draft.revision,
      text: draft.text,
      label: t('transfer.textLabel'),
    });
    setBusy(false);
    if (!reply.ok) {
      setError(reply.error);
      return;
    }
    setError(null);
    model.host.setState({ config: reply.value });
    model.transfer.setState({
      draft: { text: draft.text, base: draft.text, revision: reply.value.revision },
    });
    toast(model.ui, t('transfer.textSaved'), { undo: true });
  };
  return (
    <div
      className="text-view"
      onKeyDown={(event) => {
        if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        void save();
      }}
    >
      <Editor
        text={draft.text}
        findings={findings}
        shapes={shapes}
        line={line}
        change={(next) => model.transfer.setState({ draft: { ...draft, text: next } })}
      />
      <div className="text-findings" role="region" aria-label={t('transfer.allFindings')} tabIndex={0}>
        {error !== null && <RefusedCall what={t('transfer.notSaved')} error={error} />}
        {findings.length === 0 && <p className="import-fine">{t('transfer.allFine')}</p>}
        <ul>
          {findings.map((finding, index) => (
            <li key={index} className={`finding finding-${finding.grade}`}>
              <span className="import-finding-mark">
                <GradeMark grade={finding.grade} />
              </span>
              <div>
                <button
                  type="button"
                  className="import-finding-place"
                  onClick={() => model.transfer.setState({ goTo: finding.line })}
                >
                  {t('transfer.place', { line: finding.line, column: finding.column })}
                </button>
                <p>{hostText(finding.message)}</p>
              </div>
            </li>
          ))}
        </ul>
      </div>
      <footer className="import-foot">
        <span className="import-foot-note" role="status">
          {outdated ? t('transfer.outdated') : dirty ? t('transfer.unsaved') : t('transfer.saved')}
        </span>
        {outdated && <Button onClick={() => void refresh()}>{t('transfer.refresh')}</Button>}
        <Button
          look="quiet"
          disabled={!dirty}
          onClick={() => model.transfer.setState({ draft: { ...draft, text: draft.base } })}
        >
          {t('discard')}
        </Button>
        <Button look="primary" disabled={!dirty || busy || outdated} onClick={() => void save()}>
          {t('apply')}
        </Button>
      </footer>
    </div>
  );
}
