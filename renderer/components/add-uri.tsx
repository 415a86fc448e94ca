/** The field that takes a pasted proxy URL, says what it means while it is typed, and hands it on. */
import { CornerDownLeft } from 'lucide-react';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import type { UriPreview } from '../../core/contract/api.ts';
import type { WireError } from '../../core/contract/errors.ts';
import { previewUri } from '../actions/host.ts';
import { errorText, t } from '../i18n/index.ts';
import { Button } from './button.tsx';
import { useModel } from './context.ts';
import { Findings } from './findings.tsx';

const PAUSE_MS = 120;

export function AddUri({
  label,
  button,
  submit,
  cancel,
}: {
  label: string;
  button: string;
  /** Resolves with why not, or null when it was taken. */
  submit: (uri: string) => Promise<WireError | null>;
  cancel: () => void;
}): ReactNode {
  const model = useModel();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [uri, setUri] = useState('');
  const [answer, setAnswer] = useState<{ text: string; says: UriPreview | WireError } | null>(null);
  const [refusal, setRefusal] = useState<{ text: string; error: WireError } | null>(null);
  const [busy, setBusy] = useState(false);
  const text = uri.trim();

  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    if (text === '') return undefined;
    let stale = false;
    const timer = setTimeout(() => {
      void previewUri(model, text).then((says) => {
        if (!stale) setAnswer({ text, says });
      });
    }, PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [model, text]);

  const says = answer?.text === text ? answer.says : null;
  const preview = says === null || 'code' in says ? null : says;
  const error = refusal?.text === text ? refusal.error : says !== null && 'code' in says ? says : null;
  const refused = error === null ? null : errorText(error);

  const add = async (): Promise<void> => {
    if (text === '' || busy) return;
    setBusy(true);
    const why = await submit(text);
    setBusy(false);
    if (why === null) setUri('');
    else setRefusal({ text, error: why });
  };

  return (
    <form
      className="add-uri"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        cancel();
      }}
    >
      <label htmlFor={id}>{label}</label>
      <div className="add-uri-row">
        <input
          id={id}
          ref={input}
          className="input"
          dir="ltr"
          spellCheck={false}
          autoComplete="off"
          placeholder="socks5://user:password@host:1080"
          value={uri}
          aria-describedby={`${id}-says`}
          aria-invalid={refused !== null || preview?.ok === false}
          onChange={(event) => setUri(event.target.value)}
        />
        <Button look="primary" type="submit" disabled={busy || text === '' || preview?.ok === false}>
          {button}
        </Button>
        <Button look="quiet" onClick={cancel}>
          {t('cancel')}
        </Button>
      </div>
      <div id={`${id}-says`} className="add-uri-says">
        {refused !== null && <p className="says-bad">{refused}</p>}
        {refused === null && preview?.ok === true && (
          <p className="says-ok" dir="ltr">
            <CornerDownLeft aria-hidden />
            {preview.label}
          </p>
        )}
        {preview !== null && <Findings findings={preview.findings} />}
      </div>
    </form>
  );
}
