/** A chain, a hop or a node in the inspector, each with the form of what it is. */
import { Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Chain, Config, Hop, Json } from '../../../core/contract/config.ts';
import { change } from '../../actions/host.ts';
import { placeName, removePlace } from '../../actions/lane.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
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
import { isObject, withValue } from '../../edits/diff.ts';
import { bypassesOf, withBypasses } from '../../edits/lists.ts';
import { findingsAt, servicesIn } from '../../edits/services.ts';
import { CheckInput, SelectInput, TextInput } from '../../form/inputs.tsx';
import { t } from '../../i18n/index.ts';
import { Inspector } from '../frame/inspector.tsx';
import { DraftForm } from './draft-form.tsx';
import { NodeForm } from './node-form.tsx';
import { PinnedCertificates } from './pinned-certificate.tsx';
import { BypassFields, NameFields } from './way-fields.tsx';

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
  const one = node ?? hop;
  // a list of its own that was changed makes another form, too
  const about = one === undefined ? chain.name : [one, bypassesOf(state.config, one)];
  const key = `${path.join('.')} ${JSON.stringify(about)}`;
  return (
    <Inspector title={placeName(model, place)} kind={kind}>
      <div className="inspector-now">
        <Button look="danger" icon={<Trash2 aria-hidden />} onClick={() => void removePlace(model, place)}>
          {t('remove')}
        </Button>
      </div>
      <Findings findings={findingsAt(state.findings, path)} />
      {node !== undefined && <PinnedCertificates node={node} />}
      {node !== undefined && <NodeForm key={key} node={node} path={path} />}
      {node === undefined && hop !== undefined && (
        <HopForm key={key} hop={hop} path={path} config={state.config} />
      )}
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

function HopForm({ hop, path, config }: { hop: Hop; path: (string | number)[]; config: Config }): ReactNode {
  const [draft, setDraft] = useState<Hop>(hop);
  const [before] = useState(() => bypassesOf(config, hop));
  const [bypasses, setBypasses] = useState(before);
  const wanted = withBypasses(config, draft, before, bypasses);
  const set = (at: (string | number)[], value: Json | undefined): void => {
    const next = withValue(draft, at, value);
    setDraft(isObject(next) ? next : {});
  };
  return (
    <DraftForm
      before={hop}
      draft={wanted.owner}
      more={wanted.edits}
      path={path}
      discard={() => {
        setDraft(hop);
        setBypasses(before);
      }}
      blocked={false}
    >
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
      <BypassFields config={config} bypasses={bypasses} of="hop" change={setBypasses} />
      <NameFields config={config} draft={draft} set={set} />
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
