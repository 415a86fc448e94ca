/**
 * A service as a form. What is changed is a draft until it is applied; the bar at the bottom says what applying does. A draft
 * that would open the service to others without a password can not be applied without choosing one of three ways.
 */
import { useState, type ReactNode } from 'react';
import type { Component, Json, Service } from '../../../core/contract/config.ts';
import type { WireError } from '../../../core/contract/errors.ts';
import { edit } from '../../actions/host.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { RefusedCall } from '../../components/failure.tsx';
import { Findings } from '../../components/findings.tsx';
import { chainsOf } from '../../edits/chains.ts';
import { isObject, withValue } from '../../edits/diff.ts';
import {
  draftEdits,
  draftProblems,
  exposes,
  forwardTargets,
  withForwardTargets,
  withHandler,
  type DraftProblem,
} from '../../edits/services.ts';
import { fieldsOf } from '../../form/fields.ts';
import {
  CheckInput,
  FormPart,
  SecretInput,
  SelectInput,
  TextInput,
  type Choice,
} from '../../form/inputs.tsx';
import { TypedInput } from '../../form/typed.tsx';
import { useCheck } from '../../form/use-check.ts';
import { OptionField, OptionsForm } from '../../form/options-form.tsx';
import { anyHost, joinAddress, loopbackHost, splitAddress } from '../../format/address.ts';
import { t } from '../../i18n/index.ts';
import { toast } from '../../store/ui.ts';
import { ExposingGate } from './exposing-gate.tsx';

const UDP = 'udp';

export function ServiceForm({ service, index }: { service: Service; index: number | null }): ReactNode {
  const model = useModel();
  const state = useHost((host) => host.config);
  const schemas = useHost((host) => host.schemas);
  const [draft, setDraft] = useState(service);
  const [refused, setRefused] = useState<WireError | null>(null);
  const [allowed, setAllowed] = useState(false);
  const [busy, setBusy] = useState(false);
  const edits = state === null ? [] : draftEdits(state.config, draft, index);
  const findings = useCheck(edits);
  if (state === null || schemas === null) return null;

  const problems = draftProblems(state.config, draft, index);
  const handlerType = draft.handler?.type ?? 'auto';
  const handler = schemas.handlers[handlerType];
  const udpField = fieldsOf(handler).find(({ name }) => name === UDP);
  const { host, port } = splitAddress(draft.addr ?? '');
  const open = exposes(draft);
  const blocked = problems.length > 0 || findings.some(({ grade }) => grade === 'blocks');
  const set = (path: (string | number)[], value: Json | undefined): void =>
    setDraft(asService(withValue(draft, path, value)));

  const apply = async (): Promise<void> => {
    setBusy(true);
    const name = draft.name ?? '';
    const error = await edit(model, edits, t(index === null ? 'edit.added' : 'edit.changed', { name }));
    setBusy(false);
    setRefused(error);
    if (error !== null) return;
    toast(model.ui, t(index === null ? 'services.added' : 'services.applied', { name }));
    model.ui.setState({ selected: { kind: 'service', name } });
  };

  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!blocked && (!open || allowed)) void apply();
      }}
    >
      <TextInput
        label={t('services.name')}
        value={draft.name ?? ''}
        problem={problemText(problems, ['name_empty', 'name_taken'])}
        change={(name) => setDraft({ ...draft, name })}
      />
      <SelectInput
        label={t('services.type')}
        value={handlerType}
        choices={typeChoices(schemas.handlers, handlerType)}
        hint={handler?.summary}
        change={(type) => setDraft(withHandler(draft, type, Object.keys(schemas.listeners)))}
      />
      {handler?.facts.forward === true && (
        <TypedInput
          label={t('services.forwardTo')}
          hint={t('services.forwardHint')}
          lines={2}
          value={forwardTargets(draft)}
          change={(lines) => setDraft(withForwardTargets(draft, lines))}
        />
      )}
      <div className="field-pair">
        <HostInput
          host={host}
          problem={problemText(problems, ['host_bad'])}
          change={(next) => set(['addr'], joinAddress(next, port))}
        />
        <TextInput
          label={t('services.port')}
          value={port}
          numeric
          problem={problemText(problems, ['port_bad'])}
          change={(next) => set(['addr'], joinAddress(host, next.trim()))}
        />
      </div>
      <SelectInput
        label={t('services.wayOut')}
        value={draft.handler?.chain ?? ''}
        choices={[
          { value: '', label: t('direct') },
          ...chainsOf(state.config).map(({ name = '' }) => ({ value: name, label: name })),
        ]}
        change={(chain) => set(['handler', 'chain'], chain === '' ? undefined : chain)}
      />
      {handler?.facts.auth === true && (
        <SignIn
          auth={draft.handler?.auth}
          userProblem={problemText(problems, ['user_empty'])}
          passwordProblem={problemText(problems, ['password_empty'])}
          change={(auth) => set(['handler', 'auth'], auth)}
        />
      )}
      {udpField !== undefined && (
        <OptionField
          field={udpField}
          metadata={draft.handler?.metadata}
          change={(metadata) => set(['handler', 'metadata'], metadata)}
        />
      )}
      <FormPart title={t('form.more')} note={handler?.title ?? handlerType}>
        <OptionsForm
          schema={handler}
          metadata={draft.handler?.metadata}
          without={[UDP]}
          change={(metadata) => set(['handler', 'metadata'], metadata)}
        />
      </FormPart>
      <FormPart title={t('form.transport')} note={draft.listener?.type ?? 'tcp'}>
        <SelectInput
          label={t('services.listener')}
          value={draft.listener?.type ?? 'tcp'}
          choices={typeChoices(schemas.listeners, draft.listener?.type ?? 'tcp')}
          hint={schemas.listeners[draft.listener?.type ?? 'tcp']?.summary}
          change={(type) => set(['listener', 'type'], type)}
        />
        <OptionsForm
          schema={schemas.listeners[draft.listener?.type ?? 'tcp']}
          metadata={draft.listener?.metadata}
          change={(metadata) => set(['listener', 'metadata'], metadata)}
        />
      </FormPart>
      {refused !== null && <RefusedCall what={t('services.notSaved')} error={refused} />}
      {(edits.length > 0 || index === null) && (
        <div className="apply-bar">
          {open && !allowed ? (
            <ExposingGate
              host={host}
              addPassword={() => set(['handler', 'auth'], { username: 'sockeye', password: '' })}
              loopback={() => set(['addr'], joinAddress('127.0.0.1', port))}
              allow={() => setAllowed(true)}
            />
          ) : (
            <>
              <Findings findings={findings} />
              <p>{applyNote(service, draft, index)}</p>
              <Button look="primary" type="submit" disabled={blocked || busy}>
                {index === null ? t('services.create') : t('apply')}
              </Button>
              <Button
                look="quiet"
                onClick={() => (index === null ? model.ui.setState({ selected: null }) : setDraft(service))}
              >
                {t('discard')}
              </Button>
            </>
          )}
        </div>
      )}
    </form>
  );
}

function asService(value: Json | undefined): Service {
  return isObject(value) ? value : {};
}

function HostInput({
  host,
  problem,
  change,
}: {
  host: string;
  problem: string | undefined;
  change: (host: string) => void;
}): ReactNode {
  const kind = loopbackHost(host) ? 'this' : anyHost(host) ? 'all' : 'other';
  const [other, setOther] = useState(kind === 'other');
  const shown = other ? 'other' : kind;
  return (
    <div className="host-input">
      <SelectInput
        label={t('services.reachable')}
        value={shown}
        choices={[
          { value: 'this', label: t('services.thisComputer') },
          { value: 'all', label: t('services.allInterfaces') },
          { value: 'other', label: t('services.oneAddress') },
        ]}
        change={(next) => {
          setOther(next === 'other');
          if (next === 'this') change('127.0.0.1');
          if (next === 'all') change('');
        }}
      />
      {shown === 'other' && (
        <TextInput
          label={t('services.host')}
          value={host}
          problem={problem}
          change={(next) => change(next.trim())}
        />
      )}
    </div>
  );
}

function SignIn({
  auth,
  userProblem,
  passwordProblem,
  change,
}: {
  auth: Component['auth'];
  userProblem: string | undefined;
  passwordProblem: string | undefined;
  change: (auth: Json | undefined) => void;
}): ReactNode {
  return (
    <>
      <CheckInput
        label={t('services.askPassword')}
        checked={auth !== undefined}
        change={(on) => change(on ? { username: 'sockeye', password: '' } : undefined)}
      />
      {auth !== undefined && (
        <div className="field-pair field-halves">
          <TextInput
            label={t('services.user')}
            value={auth.username ?? ''}
            problem={userProblem}
            change={(username) => change({ ...auth, username })}
          />
          <SecretInput
            label={t('services.passwordField')}
            value={auth.password ?? ''}
            problem={passwordProblem}
            change={(password) => change({ ...auth, password })}
          />
        </div>
      )}
    </>
  );
}

/** The known types, and the one in the file even when it is not known. */
export function typeChoices(
  known: Readonly<Record<string, { readonly title: string }>>,
  current: string,
): readonly Choice[] {
  const choices = Object.entries(known).map(([value, { title }]) => ({ value, label: title }));
  return current in known ? choices : [{ value: current, label: current }, ...choices];
}

function problemText(problems: readonly DraftProblem[], mine: readonly DraftProblem[]): string | undefined {
  const problem = mine.find((one) => problems.includes(one));
  return problem === undefined ? undefined : t(`draft.${problem}`);
}

/** What applying does to what runs: a changed address or transport means a new listener. */
function applyNote(before: Service, after: Service, index: number | null): string {
  if (index === null) return t('services.willStart');
  const relisten =
    before.addr !== after.addr || JSON.stringify(before.listener) !== JSON.stringify(after.listener);
  return relisten ? t('services.willRestart') : t('services.willApply');
}
