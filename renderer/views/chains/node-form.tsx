/** A node as a form: where it is, what it speaks over what, who we are there, and the options of both from their schemas. */
import { useState, type ReactNode } from 'react';
import type { ComponentSchema } from '../../../core/contract/api.ts';
import type { Json, Node } from '../../../core/contract/config.ts';
import { useHost } from '../../components/context.ts';
import { isObject, valueAt, withValue } from '../../edits/diff.ts';
import { CheckInput, FormPart, SecretInput, SelectInput, TextInput } from '../../form/inputs.tsx';
import { OptionsForm } from '../../form/options-form.tsx';
import { splitAddress, validPort } from '../../format/address.ts';
import { hostText, t } from '../../i18n/index.ts';
import { typeChoices } from '../services/service-form.tsx';
import { DraftForm } from './draft-form.tsx';

export function NodeForm({ node, path }: { node: Node; path: (string | number)[] }): ReactNode {
  const schemas = useHost((state) => state.schemas);
  const [draft, setDraft] = useState<Node>(node);
  if (schemas === null) return null;
  const set = (at: (string | number)[], value: Json | undefined): void => {
    const next = withValue(draft, at, value);
    setDraft(isObject(next) ? next : {});
  };
  const connectorType = draft.connector?.type ?? 'http';
  const dialerType = draft.dialer?.type ?? 'tcp';
  const connector = schemas.connectors[connectorType];
  const dialer = schemas.dialers[dialerType];
  const auth = draft.connector?.auth;
  const setAuth = (key: 'username' | 'password', value: string): void => {
    const next = { username: '', password: '', ...auth, [key]: value };
    set(['connector', 'auth'], next.username === '' && next.password === '' ? undefined : next);
  };
  const { host, port } = splitAddress(draft.addr ?? '');
  const addressProblem = host === '' || !validPort(port) ? t('draft.address_bad') : undefined;
  return (
    <DraftForm
      before={node}
      draft={draft}
      path={path}
      discard={() => setDraft(node)}
      blocked={addressProblem !== undefined}
    >
      <TextInput label={t('services.name')} value={draft.name ?? ''} change={(name) => set(['name'], name)} />
      <TextInput
        label={t('chains.nodeAddress')}
        value={draft.addr ?? ''}
        problem={addressProblem}
        change={(addr) => set(['addr'], addr.trim())}
      />
      <div className="field-pair">
        <SelectInput
          label={t('chains.protocol')}
          value={connectorType}
          choices={typeChoices(schemas.connectors, connectorType)}
          change={(type) => set(['connector', 'type'], type)}
        />
        <SelectInput
          label={t('chains.transport')}
          value={dialerType}
          choices={typeChoices(schemas.dialers, dialerType)}
          change={(type) => set(['dialer', 'type'], type)}
        />
      </div>
      {connector?.facts.auth === true && (
        <div className="field-pair field-halves">
          <TextInput
            label={t('services.user')}
            value={auth?.username ?? ''}
            change={(value) => setAuth('username', value)}
          />
          <SecretInput
            label={t('services.passwordField')}
            value={auth?.password ?? ''}
            change={(value) => setAuth('password', value)}
          />
        </div>
      )}
      {dialer?.facts.tls === true && (
        <TlsFields tls={valueAt(draft, ['dialer', 'tls'])} change={(tls) => set(['dialer', 'tls'], tls)} />
      )}
      {agreesOnTls(connector) && (
        <FormPart title={t('chains.connectorTls')} note={hostText(connector?.title ?? connectorType)}>
          <TlsFields
            tls={valueAt(draft, ['connector', 'tls'])}
            change={(tls) => set(['connector', 'tls'], tls)}
          />
        </FormPart>
      )}
      <FormPart title={t('form.more')} note={hostText(connector?.title ?? connectorType)}>
        <OptionsForm
          schema={connector}
          metadata={draft.connector?.metadata}
          change={(metadata) => set(['connector', 'metadata'], metadata)}
        />
      </FormPart>
      <FormPart title={t('form.transport')} note={hostText(dialer?.title ?? dialerType)}>
        <OptionsForm
          schema={dialer}
          metadata={draft.dialer?.metadata}
          change={(metadata) => set(['dialer', 'metadata'], metadata)}
        />
      </FormPart>
    </DraftForm>
  );
}

/** A connector that can leave TLS off can agree on it inside the stream. */
function agreesOnTls(connector: ComponentSchema | undefined): boolean {
  const properties = connector?.options['properties'];
  return typeof properties === 'object' && properties !== null && 'notls' in properties;
}

function TlsFields({
  tls,
  change,
}: {
  tls: Json | undefined;
  change: (tls: Json | undefined) => void;
}): ReactNode {
  const name = valueAt(tls, ['serverName']);
  const unchecked = valueAt(tls, ['secure']) === false;
  const text = (path: string[]): string => {
    const value = valueAt(tls, path);
    return typeof value === 'string' ? value : '';
  };
  const put =
    (path: string[]) =>
    (value: string): void =>
      change(withValue(tls, path, value.trim() === '' ? undefined : value.trim()));
  return (
    <>
      <TextInput
        label={t('chains.serverName')}
        value={typeof name === 'string' ? name : ''}
        change={(next) => change(withValue(tls, ['serverName'], next === '' ? undefined : next))}
      />
      <CheckInput
        label={t('chains.checkCertificate')}
        hint={unchecked ? t('chains.uncheckedCertificate') : undefined}
        checked={!unchecked}
        change={(on) => change(withValue(tls, ['secure'], on))}
      />
      <TextInput label={t('chains.caFile')} value={text(['caFile'])} change={put(['caFile'])} />
      <div className="field-pair field-halves">
        <TextInput label={t('chains.certFile')} value={text(['certFile'])} change={put(['certFile'])} />
        <TextInput label={t('chains.keyFile')} value={text(['keyFile'])} change={put(['keyFile'])} />
      </div>
      <SelectInput
        label={t('chains.minVersion')}
        value={text(['options', 'minVersion'])}
        choices={[
          { value: '', label: t('chains.usual') },
          { value: 'VersionTLS12', label: 'TLS 1.2' },
          { value: 'VersionTLS13', label: 'TLS 1.3' },
        ]}
        change={put(['options', 'minVersion'])}
      />
    </>
  );
}
