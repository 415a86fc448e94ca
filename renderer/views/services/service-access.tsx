/** Who may use a service and how much of it: sign-in, allowed clients, targets it refuses, and limits. */
import { useEffect, useRef, type ReactNode } from 'react';
import type { Component, Config, Json } from '../../../core/contract/config.ts';
import {
  countsOf,
  ratesOf,
  validCount,
  validSize,
  withCounts,
  withRates,
  type Counts,
  type Rates,
} from '../../edits/limits.ts';
import { listNames, type ListDraft, type ListKind, type Lists } from '../../edits/lists.ts';
import { CheckInput, FormPart, SecretInput, SelectInput, TextInput } from '../../form/inputs.tsx';
import { ListInput } from '../../form/list-input.tsx';
import { t } from '../../i18n/index.ts';

interface ListsProps {
  readonly config: Config;
  readonly lists: Lists;
  readonly change: (lists: Lists) => void;
}

export function AllowedClients({ config, lists, change, open }: ListsProps & { open: boolean }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // somebody asked to name the addresses: the field is where to go on
    if (open) place.current?.querySelector('textarea')?.focus();
  }, [open]);
  return (
    <div ref={place} className="form">
      <ListInput
        draft={lists.admission}
        names={listNames(config, 'admission')}
        open={open}
        words={{
          label: t('access.clients'),
          none: t('access.everybody'),
          only: t('access.onlyThese'),
          but: t('access.allBut'),
          entries: t('access.addresses'),
          hint: t('access.addressesHint'),
        }}
        change={(admission) => change({ ...lists, admission })}
      />
    </div>
  );
}

export function RefusedTargets({ config, lists, change }: ListsProps): ReactNode {
  return (
    <ListInput
      draft={lists.bypass}
      names={listNames(config, 'bypass')}
      words={{
        label: t('access.bypass'),
        none: t('access.noBypass'),
        only: t('access.refusedOthers'),
        but: t('access.refusedThese'),
        entries: t('access.targets'),
        hint: t('access.targetsHint'),
      }}
      change={(bypass) => change({ ...lists, bypass })}
    />
  );
}

/** Rates and counts of the service's own limiters; a limiter others use too is chosen by name. */
export function Limits({ config, lists, change }: ListsProps): ReactNode {
  const rates = ratesOf(lists.limiter.entries);
  const counts = countsOf(lists.climiter.entries);
  const setRates = (next: Rates): void =>
    change({ ...lists, limiter: { ...lists.limiter, entries: withRates(lists.limiter.entries, next) } });
  const setCounts = (next: Counts): void =>
    change({ ...lists, climiter: { ...lists.climiter, entries: withCounts(lists.climiter.entries, next) } });
  const size = (text: string): string | undefined => (validSize(text) ? undefined : t('access.badSize'));
  const figure = (text: string): string | undefined => (validCount(text) ? undefined : t('form.badNumber'));
  const set = [rates.up, rates.down, counts.all, counts.perClient].some((value) => value !== '');
  const used = set || lists.limiter.shared || lists.climiter.shared;
  return (
    <FormPart title={t('access.limits')} note={used ? t('access.limited') : t('access.unlimited')}>
      <SharedChoice kind="limiter" config={config} draft={lists.limiter} lists={lists} change={change} />
      {!lists.limiter.shared && (
        <div className="field-pair field-halves">
          <TextInput
            label={t('access.rateDown')}
            value={rates.down}
            unit={t('access.perSecond')}
            placeholder={t('access.example')}
            problem={size(rates.down)}
            change={(down) => setRates({ ...rates, down: down.trim() })}
          />
          <TextInput
            label={t('access.rateUp')}
            value={rates.up}
            unit={t('access.perSecond')}
            placeholder={t('access.example')}
            problem={size(rates.up)}
            change={(up) => setRates({ ...rates, up: up.trim() })}
          />
        </div>
      )}
      <SharedChoice kind="climiter" config={config} draft={lists.climiter} lists={lists} change={change} />
      {!lists.climiter.shared && (
        <div className="field-pair field-halves">
          <TextInput
            label={t('access.mostAtOnce')}
            value={counts.all}
            numeric
            problem={figure(counts.all)}
            change={(all) => setCounts({ ...counts, all: all.trim() })}
          />
          <TextInput
            label={t('access.mostPerClient')}
            value={counts.perClient}
            numeric
            problem={figure(counts.perClient)}
            change={(perClient) => setCounts({ ...counts, perClient: perClient.trim() })}
          />
        </div>
      )}
    </FormPart>
  );
}

/** Shown only where the file has named limiters to choose from. */
function SharedChoice({
  kind,
  config,
  draft,
  lists,
  change,
}: ListsProps & { kind: ListKind; draft: ListDraft }): ReactNode {
  const names = listNames(config, kind).filter((name) => draft.shared || name !== draft.name);
  if (names.length === 0) return null;
  return (
    <SelectInput
      label={t(kind === 'limiter' ? 'access.rates' : 'access.counts')}
      value={draft.shared ? (draft.name ?? '') : ''}
      choices={[
        { value: '', label: t('access.own') },
        ...names.map((name) => ({ value: name, label: t('lists.named', { name }) })),
      ]}
      change={(name) =>
        change({
          ...lists,
          [kind]: { name: name === '' ? null : name, shared: name !== '', only: false, entries: [] },
        })
      }
    />
  );
}

export function SignIn({
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
