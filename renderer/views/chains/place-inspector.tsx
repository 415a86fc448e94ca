/** A chain, a hop or a node in the inspector, each with the form of what it is. */
import { Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Chain, Config, Hop, Json, Node } from '../../../core/contract/config.ts';
import type { WireError } from '../../../core/contract/errors.ts';
import { change, edit } from '../../actions/host.ts';
import { placeName, removePlace } from '../../actions/lane.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { RefusedCall } from '../../components/failure.tsx';
import { Findings } from '../../components/findings.tsx';
import {
  assignChain,
  chainsOf,
  hopsOf,
  nodesOf,
  pickRule,
  PICK_RULES,
  renameAt,
  type Place,
} from '../../edits/chains.ts';
import { editsBetween, isObject, valueAt, withValue } from '../../edits/diff.ts';
import { findingsAt, servicesIn } from '../../edits/services.ts';
import { CheckInput, FormPart, SecretInput, SelectInput, TextInput } from '../../form/inputs.tsx';
import { OptionsForm } from '../../form/options-form.tsx';
import { useCheck } from '../../form/use-check.ts';
import { splitAddress, validPort } from '../../format/address.ts';
import { t } from '../../i18n/index.ts';
import { toast } from '../../store/ui.ts';
import { Inspector } from '../frame/inspector.tsx';
import { typeChoices } from '../services/service-form.tsx';

export function PlaceInspector({ place }: { place: Place }): ReactNode {
  const model = useModel();
  const state = useHost((host) => host.config);
  if (state === null) return null;
  const chain = chainsOf(state.config)[place.chain];
  const hop = place.hop === null ? undefined : hopsOf(chain)[place.hop];
  const node = place.node === null ? undefined : nodesOf(hop)[place.node];
  if (chain === undefined || (place.hop !== null && hop === undefined)) return null;
  const path = pathOf(place);
  const kind = node !== undefined ? t('words.node') : hop !== undefined ? t('words.hop') : t('words.chain');
  const key = `${path.join('.')} ${JSON.stringify(node ?? hop ?? chain.name)}`;
  return (
    <Inspector title={placeName(model, place)} kind={kind}>
      <div className="inspector-now">
        <Button look="danger" icon={<Trash2 aria-hidden />} onClick={() => void removePlace(model, place)}>
          {t('remove')}
        </Button>
      </div>
      <Findings findings={findingsAt(state.findings, path)} />
      {node !== undefined && <NodeForm key={key} node={node} path={path} />}
      {node === undefined && hop !== undefined && <HopForm key={key} hop={hop} path={path} />}
      {hop === undefined && <ChainForm key={key} chain={chain} place={place} config={state.config} />}
    </Inspector>
  );
}

function pathOf({ chain, hop, node }: Place): (string | number)[] {
  const path: (string | number)[] = ['chains', chain];
  if (hop !== null) path.push('hops', hop);
  if (node !== null) path.push('nodes', node);
  return path;
}

function NodeForm({ node, path }: { node: Node; path: (string | number)[] }): ReactNode {
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
      <FormPart title={t('form.more')} note={connector?.title ?? connectorType}>
        <OptionsForm
          schema={connector}
          metadata={draft.connector?.metadata}
          change={(metadata) => set(['connector', 'metadata'], metadata)}
        />
      </FormPart>
      <FormPart title={t('form.transport')} note={dialer?.title ?? dialerType}>
        <OptionsForm
          schema={dialer}
          metadata={draft.dialer?.metadata}
          change={(metadata) => set(['dialer', 'metadata'], metadata)}
        />
      </FormPart>
    </DraftForm>
  );
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
    </>
  );
}

function HopForm({ hop, path }: { hop: Hop; path: (string | number)[] }): ReactNode {
  const [draft, setDraft] = useState<Hop>(hop);
  const set = (at: (string | number)[], value: Json | undefined): void => {
    const next = withValue(draft, at, value);
    setDraft(isObject(next) ? next : {});
  };
  return (
    <DraftForm before={hop} draft={draft} path={path} discard={() => setDraft(hop)} blocked={false}>
      <TextInput label={t('services.name')} value={draft.name ?? ''} change={(name) => set(['name'], name)} />
      <SelectInput
        label={t('chains.pickRule')}
        value={pickRule(draft)}
        choices={PICK_RULES.map((rule) => ({ value: rule, label: t(`rule.${rule}`) }))}
        hint={t('chains.pickRuleHint', { count: nodesOf(hop).length })}
        change={(rule) => set(['selector', 'strategy'], rule)}
      />
      <div className="field-pair">
        <TextInput
          label={t('chains.maxFails')}
          value={String(draft.selector?.maxFails ?? '')}
          placeholder="1"
          numeric
          change={(text) => set(['selector', 'maxFails'], /^\d+$/.test(text) ? Number(text) : undefined)}
        />
        <TextInput
          label={t('chains.failTimeout')}
          value={String(draft.selector?.failTimeout ?? '')}
          placeholder="10s"
          change={(text) => set(['selector', 'failTimeout'], text.trim() === '' ? undefined : text.trim())}
        />
      </div>
    </DraftForm>
  );
}

/** The name of a chain, and which services go through it: each box acts at once. */
function ChainForm({ chain, place, config }: { chain: Chain; place: Place; config: Config }): ReactNode {
  const model = useModel();
  const [name, setName] = useState(chain.name ?? '');
  const taken = chainsOf(config).some((other, at) => at !== place.chain && other.name === name);
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (taken || name.trim() === '' || name === chain.name) return;
        void change(model, renameAt(config, place, name.trim()), t('edit.renamed', { name }));
      }}
    >
      <TextInput
        label={t('services.name')}
        value={name}
        problem={taken ? t('draft.name_taken') : undefined}
        change={setName}
      />
      {name !== chain.name && (
        <Button look="primary" type="submit" disabled={taken || name.trim() === ''}>
          {t('apply')}
        </Button>
      )}
      <fieldset className="fieldset">
        <legend>{t('chains.assign')}</legend>
        {servicesIn(config).map((service) => (
          <CheckInput
            key={service.name}
            label={service.name ?? ''}
            hint={otherChain(service.handler?.chain, chain.name)}
            checked={service.handler?.chain === chain.name}
            change={(on) =>
              void change(
                model,
                assignChain(config, service.name ?? '', on ? (chain.name ?? '') : null),
                t('chains.assigned', {
                  service: service.name ?? '',
                  chain: on ? (chain.name ?? '') : t('direct'),
                }),
              )
            }
          />
        ))}
      </fieldset>
    </form>
  );
}

function otherChain(assigned: string | undefined, mine: string | undefined): string | undefined {
  return assigned === undefined || assigned === mine
    ? undefined
    : t('chains.nowThrough', { chain: assigned });
}

/** The frame of a draft: what the host thinks of it, Apply and Discard when there is something to apply. */
function DraftForm({
  before,
  draft,
  path,
  blocked,
  discard,
  children,
}: {
  before: Node | Hop;
  draft: Node | Hop;
  path: (string | number)[];
  blocked: boolean;
  discard: () => void;
  children: ReactNode;
}): ReactNode {
  const model = useModel();
  const [refused, setRefused] = useState<WireError | null>(null);
  const edits = editsBetween(path, before, draft);
  const findings = useCheck(edits);
  const stop = blocked || findings.some(({ grade }) => grade === 'blocks');
  const apply = async (): Promise<void> => {
    const error = await edit(model, edits, t('edit.changed', { name: draft.name ?? '' }));
    setRefused(error);
    if (error === null) toast(model.ui, t('services.applied', { name: draft.name ?? '' }));
  };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!stop && edits.length > 0) void apply();
      }}
    >
      {children}
      {refused !== null && <RefusedCall what={t('services.notSaved')} error={refused} />}
      {edits.length > 0 && (
        <div className="apply-bar">
          <Findings findings={findings} />
          <p>{t('services.willApply')}</p>
          <Button look="primary" type="submit" disabled={stop}>
            {t('apply')}
          </Button>
          <Button look="quiet" onClick={discard}>
            {t('discard')}
          </Button>
        </div>
      )}
    </form>
  );
}
