/** The options of one component as a form, derived from its JSON Schema. Knows no protocol by name. */
import type { ReactNode } from 'react';
import type { ComponentSchema } from '../../core/contract/api.ts';
import type { Json } from '../../core/contract/config.ts';
import { withValue } from '../edits/diff.ts';
import { hostText, t } from '../i18n/index.ts';
import {
  fieldsOf,
  shownFlag,
  shownValue,
  spelling,
  validDuration,
  writtenFlag,
  writtenValue,
  type Field,
} from './fields.ts';
import { CheckInput, SecretInput } from './inputs.tsx';
import { TypedInput } from './typed.tsx';

export function OptionsForm({
  schema,
  metadata,
  change,
  without = [],
}: {
  schema: ComponentSchema | undefined;
  metadata: Json | undefined;
  /** Gets the whole new metadata, undefined when none is left. */
  change: (metadata: Json | undefined) => void;
  /** Options shown elsewhere. */
  without?: readonly string[];
}): ReactNode {
  const fields = fieldsOf(schema).filter(({ name }) => !without.includes(name));
  if (fields.length === 0) return <p className="field-hint">{t('form.noOptions')}</p>;
  return fields.map((field) => (
    <OptionField key={field.name} field={field} metadata={metadata} change={change} />
  ));
}

export function OptionField({
  field,
  metadata,
  change,
}: {
  field: Field;
  metadata: Json | undefined;
  change: (metadata: Json | undefined) => void;
}): ReactNode {
  const put = (value: Json | undefined): void =>
    change(withValue(metadata, [spelling(metadata, field)], value));
  const value = shownValue(metadata, field);
  const about = { label: hostText(field.title), hint: hostText(field.description) };
  if (field.kind === 'boolean') {
    return (
      <CheckInput
        {...about}
        checked={shownFlag(metadata, field)}
        change={(on) => put(writtenFlag(metadata, field, on))}
      />
    );
  }
  if (field.secret)
    return <SecretInput {...about} value={value} change={(text) => put(writtenValue(field, text))} />;
  return (
    <TypedInput
      {...about}
      value={value}
      placeholder={field.fallback}
      unit={hostText(field.unit)}
      numeric={field.kind === 'integer'}
      problem={problemOf(field, value)}
      {...(field.kind === 'map' ? { lines: 3 } : {})}
      change={(text) => put(writtenValue(field, text))}
    />
  );
}

function problemOf(field: Field, value: string): string | undefined {
  if (value === '') return undefined;
  if (field.kind === 'duration' && !validDuration(value)) return t('form.badDuration');
  if (field.kind === 'integer' && !/^-?\d+$/.test(value.trim())) return t('form.badNumber');
  return undefined;
}
