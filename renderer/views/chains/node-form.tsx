/** A node as a form: where it is, what it speaks over what, who we are there, and the options of both from their schemas. */
import { useState, type ReactNode } from 'react';
import type { ComponentSchema } from '../../../core/contract/api.ts';
import type { Config, Json, Node } from '../../../core/contract/config.ts';
import { useHost } from '../../components/context.ts';
import { isObject, valueAt, withValue } from '../../edits/diff.ts';
import { FormPart, SecretInput, SelectInput, TextInput } from '../../form/inputs.tsx';
import { OptionsForm } from '../../form/options-form.tsx';
import { bypassesOf, withBypasses } from '../../edits/lists.ts';
import { splitAddress, validPort } from '../../format/address.ts';
import { hostText, t } from '../../i18n/index.ts';
import { typeChoices } from '../services/service-form.tsx';
import { DraftForm } from './draft-form.tsx';
import { TlsFields } from './tls-fields.tsx';
import { BypassFields, ChoiceFields, NameFields } from './way-fields.tsx';

const EMPTY: Config = {};

export function NodeForm({ node, path }: { node: Node; path: (string | number)[] }): ReactNode {
  const schemas = useHost((state) => state.schemas);
  const config = useHost((state) => state.config?.config ?? EMPTY);
  const [draft, setDraft] = useState<Node>(node);
  const [before] = useState(() => bypassesOf(config, node));
  const [bypasses, setBypasses] = useState(before);
  if (schemas === null) return null;
  const wanted = withBypasses(config, draft, before, bypasses);
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
      draft={wanted.owner}
      more={wanted.edits}
      path={path}
      discard={() => {
        setDraft(node);
        setBypasses(before);
      }}
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
      <BypassFields config={config} bypasses={bypasses} of="node" change={setBypasses} />
      <ChoiceFields draft={draft} set={set} />
      <NameFields config={config} draft={draft} set={set} />
    </DraftForm>
  );
}

/** A connector that can leave TLS off can agree on it inside the stream. */
function agreesOnTls(connector: ComponentSchema | undefined): boolean {
  const properties = connector?.options['properties'];
  return typeof properties === 'object' && properties !== null && 'notls' in properties;
}
