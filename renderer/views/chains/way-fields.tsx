/** What hops and nodes share: the targets they stay out of, where names are looked up, and how a node is chosen among others. */
import type { ReactNode } from 'react';
import type { Config, Hop, Json, Node } from '../../../core/contract/config.ts';
import { isObject, valueAt, withValue } from '../../edits/diff.ts';
import { listNames, type Bypasses } from '../../edits/lists.ts';
import { CheckInput, FormPart, SelectInput, TextInput, type Choice } from '../../form/inputs.tsx';
import { TypedInput } from '../../form/typed.tsx';
import { validDuration } from '../../form/fields.ts';
import { t } from '../../i18n/index.ts';

export function BypassFields({
  config,
  bypasses,
  of,
  change,
}: {
  config: Config;
  bypasses: Bypasses;
  of: 'hop' | 'node';
  change: (bypasses: Bypasses) => void;
}): ReactNode {
  const { own, named } = bypasses;
  const others = listNames(config, 'bypass').filter((name) => name !== own.name);
  const count = named.length + Number(own.entries.length > 0);
  return (
    <FormPart
      title={t('chains.bypass')}
      note={count === 0 ? t('access.noBypass') : t('chains.bypassCount', { count })}
    >
      <TypedInput
        label={t(of === 'hop' ? 'chains.bypassHop' : 'chains.bypassNode')}
        hint={t('access.targetsHint')}
        lines={3}
        value={own.entries.join('\n')}
        change={(typed) =>
          change({
            ...bypasses,
            own: {
              ...own,
              entries: typed
                .split(/[\n,]/)
                .map((line) => line.trim())
                .filter(Boolean),
            },
          })
        }
      />
      <CheckInput
        label={t('chains.bypassReverse')}
        checked={own.only}
        change={(only) => change({ ...bypasses, own: { ...own, only } })}
      />
      {others.map((name) => (
        <CheckInput
          key={name}
          label={t('lists.named', { name })}
          checked={named.includes(name)}
          change={(on) =>
            change({ ...bypasses, named: on ? [...named, name] : named.filter((other) => other !== name) })
          }
        />
      ))}
    </FormPart>
  );
}

/** Which resolver and which host names of the file are asked on the way to here. */
export function NameFields({
  config,
  draft,
  set,
}: {
  config: Config;
  draft: Hop | Node;
  set: (path: string[], value: Json | undefined) => void;
}): ReactNode {
  const field = (key: 'resolver' | 'hosts', section: 'resolvers' | 'hosts', label: string): ReactNode => {
    const written = draft[key];
    const value = typeof written === 'string' ? written : '';
    const names = namesIn(config, section);
    const choices: Choice[] = [
      { value: '', label: t('chains.asUsual') },
      ...[...new Set([...names, ...(value === '' ? [] : [value])])].map((name) => ({
        value: name,
        label: name,
      })),
    ];
    return (
      <SelectInput
        label={label}
        value={value}
        choices={choices}
        change={(name) => set([key], name === '' ? undefined : name)}
      />
    );
  };
  return (
    <FormPart title={t('chains.names')}>
      <div className="field-pair field-halves">
        {field('resolver', 'resolvers', t('chains.resolver'))}
        {field('hosts', 'hosts', t('chains.hosts'))}
      </div>
    </FormPart>
  );
}

function namesIn(config: Config, section: 'resolvers' | 'hosts'): readonly string[] {
  const list = config[section];
  if (!Array.isArray(list)) return [];
  return (list as readonly Json[]).flatMap((item) => {
    const name = isObject(item) ? item['name'] : undefined;
    return typeof name === 'string' ? [name] : [];
  });
}

/** How a node is chosen among those of its hop. */
export function ChoiceFields({
  draft,
  set,
}: {
  draft: Node;
  set: (path: string[], value: Json | undefined) => void;
}): ReactNode {
  const written = (key: string): string => {
    const value = valueAt(draft, ['metadata', key]);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const put = (key: string, value: Json | undefined): void => {
    const metadata = withValue(draft['metadata'], [key], value);
    set(['metadata'], isObject(metadata) && Object.keys(metadata).length > 0 ? metadata : undefined);
  };
  const backup = valueAt(draft, ['metadata', 'backup']) === true;
  const figure = (key: 'weight' | 'maxFails', label: string, placeholder: string): ReactNode => (
    <TextInput
      label={label}
      numeric
      placeholder={placeholder}
      value={written(key)}
      problem={/^\d*$/.test(written(key)) ? undefined : t('form.badNumber')}
      change={(text) => put(key, text.trim() === '' ? undefined : /^\d+$/.test(text) ? Number(text) : text)}
    />
  );
  const failTimeout = written('failTimeout');
  return (
    <FormPart title={t('chains.choice')}>
      <CheckInput
        label={t('chains.backup')}
        hint={t('chains.backupHint')}
        checked={backup}
        change={(on) => put('backup', on ? true : undefined)}
      />
      {figure('weight', t('chains.weight'), '1')}
      <div className="field-pair field-halves">
        {figure('maxFails', t('chains.maxFails'), t('chains.asHop'))}
        <TextInput
          label={t('chains.failTimeout')}
          placeholder={t('chains.asHop')}
          value={failTimeout}
          problem={failTimeout === '' || validDuration(failTimeout) ? undefined : t('form.badDuration')}
          change={(text) => put('failTimeout', text.trim() === '' ? undefined : text.trim())}
        />
      </div>
    </FormPart>
  );
}
