/** What a node says about TLS towards its proxy: whom to trust, who we are, and what to offer. */
import type { ReactNode } from 'react';
import type { Json } from '../../../core/contract/config.ts';
import { valueAt, withValue } from '../../edits/diff.ts';
import { CheckInput, FormPart, SelectInput, TextInput } from '../../form/inputs.tsx';
import { TypedInput } from '../../form/typed.tsx';
import { t } from '../../i18n/index.ts';

/** GOST's names of the versions the engine speaks. */
const VERSIONS = [
  { value: 'VersionTLS12', label: 'TLS 1.2' },
  { value: 'VersionTLS13', label: 'TLS 1.3' },
];

export function TlsFields({
  tls,
  change,
}: {
  tls: Json | undefined;
  change: (tls: Json | undefined) => void;
}): ReactNode {
  const unchecked = valueAt(tls, ['secure']) === false;
  const text = (path: string[]): string => {
    const value = valueAt(tls, path);
    return typeof value === 'string' ? value : '';
  };
  const put =
    (path: string[]) =>
    (value: string): void =>
      change(withValue(tls, path, value.trim() === '' ? undefined : value.trim()));
  /** A list as GOST writes it, shown on one line. */
  const list = (key: string): string => {
    const value = valueAt(tls, ['options', key]);
    return Array.isArray(value) ? value.map(String).join(', ') : text(['options', key]);
  };
  const putList =
    (key: string) =>
    (typed: string): void => {
      const names = typed.split(/[,\s]+/).filter(Boolean);
      change(withValue(tls, ['options', key], names.length === 0 ? undefined : names));
    };
  const versions = (path: string[]): typeof VERSIONS => {
    const written = text(path);
    const known = written === '' || VERSIONS.some(({ value }) => value === written);
    return [
      { value: '', label: t('chains.usual') },
      ...(known ? [] : [{ value: written, label: written }]),
      ...VERSIONS,
    ];
  };
  return (
    <>
      <TextInput
        label={t('chains.serverName')}
        value={text(['serverName'])}
        change={(next) => change(withValue(tls, ['serverName'], next === '' ? undefined : next))}
      />
      <CheckInput
        label={t('chains.checkCertificate')}
        hint={unchecked ? t('chains.uncheckedCertificate') : undefined}
        checked={!unchecked}
        change={(on) => change(withValue(tls, ['secure'], on))}
      />
      <FormPart title={t('chains.tlsMore')}>
        <TextInput label={t('chains.caFile')} value={text(['caFile'])} change={put(['caFile'])} />
        <div className="field-pair field-halves">
          <TextInput label={t('chains.certFile')} value={text(['certFile'])} change={put(['certFile'])} />
          <TextInput label={t('chains.keyFile')} value={text(['keyFile'])} change={put(['keyFile'])} />
        </div>
        <div className="field-pair field-halves">
          <SelectInput
            label={t('chains.minVersion')}
            value={text(['options', 'minVersion'])}
            choices={versions(['options', 'minVersion'])}
            change={put(['options', 'minVersion'])}
          />
          <SelectInput
            label={t('chains.maxVersion')}
            value={text(['options', 'maxVersion'])}
            choices={versions(['options', 'maxVersion'])}
            change={put(['options', 'maxVersion'])}
          />
        </div>
        <TypedInput
          label={t('chains.alpn')}
          hint={t('chains.alpnHint')}
          placeholder="h2, http/1.1"
          value={list('alpn')}
          change={putList('alpn')}
        />
        <TypedInput
          label={t('chains.cipherSuites')}
          hint={t('chains.cipherSuitesHint')}
          placeholder={t('chains.usual')}
          lines={2}
          value={list('cipherSuites')}
          change={putList('cipherSuites')}
        />
      </FormPart>
    </>
  );
}
