/** Labelled inputs of all forms: the label, the control, what is wrong with it, and a hint, tied together for screen readers. */
import { useId, type ReactNode } from 'react';
import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { KEPT_SECRET } from '../../core/contract/config.ts';
import { IconButton } from '../components/button.tsx';
import { t } from '../i18n/index.ts';

interface Common {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
}

function Row({
  id,
  label,
  hint,
  problem,
  children,
}: Common & { id: string; children: ReactNode }): ReactNode {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {problem !== undefined && (
        <p id={`${id}-problem`} className="field-problem">
          {problem}
        </p>
      )}
      {hint !== undefined && hint !== '' && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}

function describedBy(id: string, { hint, problem }: Common): string | undefined {
  const ids = [
    problem === undefined ? '' : `${id}-problem`,
    hint === undefined || hint === '' ? '' : `${id}-hint`,
  ];
  return ids.filter(Boolean).join(' ') || undefined;
}

export function TextInput({
  value,
  change,
  placeholder,
  unit,
  lines,
  numeric = false,
  ...about
}: Common & {
  value: string;
  change: (value: string) => void;
  placeholder?: string | undefined;
  unit?: string | undefined;
  lines?: number;
  numeric?: boolean;
}): ReactNode {
  const id = useId();
  const common = {
    id,
    className: 'input',
    dir: 'ltr' as const,
    spellCheck: false,
    autoComplete: 'off',
    value,
    placeholder,
    'aria-invalid': about.problem !== undefined,
    'aria-describedby': describedBy(id, about),
  };
  return (
    <Row id={id} {...about}>
      {lines === undefined ? (
        <span className="input-unit">
          <input
            {...common}
            inputMode={numeric ? 'numeric' : undefined}
            onChange={(event) => change(event.target.value)}
          />
          {unit !== undefined && unit !== '' && <span className="unit">{unit}</span>}
        </span>
      ) : (
        <textarea {...common} rows={lines} onChange={(event) => change(event.target.value)} />
      )}
    </Row>
  );
}

/** A password. A saved one stays in the host: the field shows that there is one, and what is typed replaces it. */
export function SecretInput({
  value,
  change,
  ...about
}: Common & { value: string; change: (value: string) => void }): ReactNode {
  const id = useId();
  const [shown, setShown] = useState(false);
  const kept = value === KEPT_SECRET;
  return (
    <Row id={id} {...about}>
      <span className="input-unit">
        <input
          id={id}
          className="input"
          dir="ltr"
          type={shown ? 'text' : 'password'}
          autoComplete="new-password"
          value={kept ? '' : value}
          placeholder={kept ? t('form.kept') : undefined}
          aria-invalid={about.problem !== undefined}
          aria-describedby={describedBy(id, about)}
          onChange={(event) => change(event.target.value)}
        />
        <IconButton label={shown ? t('form.hide') : t('form.show')} onClick={() => setShown(!shown)}>
          {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </IconButton>
      </span>
    </Row>
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export function SelectInput({
  value,
  choices,
  change,
  ...about
}: Common & { value: string; choices: readonly Choice[]; change: (value: string) => void }): ReactNode {
  const id = useId();
  return (
    <Row id={id} {...about}>
      <select
        id={id}
        className="input select"
        value={value}
        aria-describedby={describedBy(id, about)}
        onChange={(event) => change(event.target.value)}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Row>
  );
}

export function CheckInput({
  checked,
  change,
  ...about
}: Common & { checked: boolean; change: (checked: boolean) => void }): ReactNode {
  const id = useId();
  return (
    <div className="field field-check">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-describedby={describedBy(id, about)}
        onChange={(event) => change(event.target.checked)}
      />
      <label htmlFor={id}>{about.label}</label>
      {about.hint !== undefined && about.hint !== '' && (
        <p id={`${id}-hint`} className="field-hint">
          {about.hint}
        </p>
      )}
    </div>
  );
}

/** A part of a form that is closed until asked for. */
export function FormPart({
  title,
  note,
  children,
}: {
  title: string;
  note?: string;
  children: ReactNode;
}): ReactNode {
  return (
    <details className="form-part">
      <summary>
        <span>{title}</span>
        {note !== undefined && <span className="form-note">{note}</span>}
      </summary>
      <div className="form-part-body">{children}</div>
    </details>
  );
}
