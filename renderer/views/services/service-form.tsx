/**
 * A service as a form. What is changed is a draft until it is applied; the bar at the bottom says what applying does. A draft
 * that would open the service to others without a password can not be applied without choosing one of three ways.
 */
import { useState, type ReactNode } from 'react';
import type { Config, Edit, Json, Service } from '../../../core/contract/config.ts';
import type { WireError } from '../../../core/contract/errors.ts';
import { edit } from '../../actions/host.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { RefusedCall } from '../../components/failure.tsx';
import { Findings } from '../../components/findings.tsx';
import { chainsOf } from '../../edits/chains.ts';
import { isObject, withValue } from '../../edits/diff.ts';
import { countsOf, ratesOf, validCount, validSize } from '../../edits/limits.ts';
import { listsOf, withLists, type Lists } from '../../edits/lists.ts';
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
import { FormPart, SelectInput, TextInput, type Choice } from '../../form/inputs.tsx';
import { TypedInput } from '../../form/typed.tsx';
import { useCheck } from '../../form/use-check.ts';
import { OptionField, OptionsForm } from '../../form/options-form.tsx';
import { joinAddress, loopbackHost, splitAddress } from '../../format/address.ts';
import { hostText, t } from '../../i18n/index.ts';
import { toast } from '../../store/ui.ts';
import { ExposingGate } from './exposing-gate.tsx';
import { AllowedClients, Limits, SignIn, RefusedTargets } from './service-access.tsx';
import { ServicePlace } from './service-place.tsx';

const UDP = 'udp';

export function ServiceForm({ service, index }: { service: Service; index: number | null }): ReactNode {
  const model = useModel();
  const state = useHost((host) => host.config);
  const schemas = useHost((host) => host.schemas);
  const [draft, setDraft] = useState(service);
  const [before] = useState(() => listsOf(state?.config ?? {}, service));
  const [lists, setLists] = useState(before);
  const [restricting, setRestricting] = useState(false);
  const [refused, setRefused] = useState<WireError | null>(null);
  const [allowed, setAllowed] = useState(false);
  const [busy, setBusy] = useState(false);
  const edits = state === null ? [] : editsOf(state.config, draft, before, lists, index);
  const check = useCheck(edits);
  if (state === null || schemas === null) return null;

  const problems = draftProblems(state.config, draft, index);
  const handlerType = draft.handler?.type ?? 'auto';
  const handler = schemas.handlers[handlerType];
  const udpField = fieldsOf(handler).find(({ name }) => name === UDP);
  const { host, port } = splitAddress(draft.addr ?? '');
  const open = exposes(draft, lists.admission);
  const blocked = problems.length > 0 || !validLimits(lists) || check.blocks;
  const set = (path: (string | number)[], value: Json | undefined): void =>
    setDraft(asService(withValue(draft, path, value)));

  const apply = async (): Promise<void> => {
    setBusy(true);
    if (!(await check.passes())) return setBusy(false);
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
        hint={handler === undefined ? undefined : hostText(handler.summary)}
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
      <ServicePlace
        addr={draft.addr ?? ''}
        saved={index === null ? null : (service.addr ?? '')}
        service={index === null ? null : (service.name ?? null)}
        hostProblem={problemText(problems, ['host_bad'])}
        portProblem={problemText(problems, ['port_bad'])}
        change={(addr) => set(['addr'], addr)}
      />
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
      {(!loopbackHost(host) || lists.admission.entries.length > 0 || lists.admission.shared) && (
        <AllowedClients
          key={String(restricting)}
          config={state.config}
          lists={lists}
          open={restricting}
          change={setLists}
        />
      )}
      {(draft.handler?.chain ?? '') !== '' && (
        <RefusedTargets config={state.config} lists={lists} change={setLists} />
      )}
      <Limits config={state.config} lists={lists} change={setLists} />
      <FormPart title={t('form.more')} note={hostText(handler?.title ?? handlerType)}>
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
          hint={hostText(schemas.listeners[draft.listener?.type ?? 'tcp']?.summary ?? '')}
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
              restrict={() => setRestricting(true)}
              loopback={() => set(['addr'], joinAddress('127.0.0.1', port))}
              allow={() => setAllowed(true)}
            />
          ) : (
            <>
              <Findings findings={check.findings} />
              <p>{applyNote(service, draft, index)}</p>
              <Button look="primary" type="submit" disabled={blocked || busy}>
                {index === null ? t('services.create') : t('apply')}
              </Button>
              <Button
                look="quiet"
                onClick={() => {
                  if (index === null) model.ui.setState({ selected: null });
                  setDraft(service);
                  setLists(before);
                  setRestricting(false);
                }}
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

/** The lists first: the service may refer to one that is made here. */
function editsOf(config: Config, draft: Service, before: Lists, lists: Lists, index: number | null): Edit[] {
  const { service, edits } = withLists(config, draft, before, lists);
  return [...edits, ...draftEdits(config, service, index)];
}

function validLimits({ limiter, climiter }: Lists): boolean {
  const { up, down } = ratesOf(limiter.entries);
  const { all, perClient } = countsOf(climiter.entries);
  return validSize(up) && validSize(down) && validCount(all) && validCount(perClient);
}

function asService(value: Json | undefined): Service {
  return isObject(value) ? value : {};
}

/** The known types, and the one in the file even when it is not known. */
export function typeChoices(
  known: Readonly<Record<string, { readonly title: string }>>,
  current: string,
): readonly Choice[] {
  const choices = Object.entries(known).map(([value, { title }]) => ({ value, label: hostText(title) }));
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
