/** The values that connections have at present, for what the filter box proposes: by key of the filter, the most frequent first. */
import type { ClosedConnection, ConnectionInfo } from '../../core/contract/stats.ts';
import type { Facts } from '../filter/suggest.ts';
import { typeOf } from './filter-rows.ts';
import { chainWord, type Live } from './live.ts';

/** Connections looked at: enough to find the common values. */
const LOOKED_AT = 2_000;
/** So long the same values do for the next key strokes. */
const KEPT_MS = 2_000;

const kept = new WeakMap<Live, { readonly at: number; readonly facts: Facts }>();

export function factsOf(live: Live): Facts {
  const before = kept.get(live);
  if (before !== undefined && Math.abs(live.at - before.at) < KEPT_MS) return before.facts;
  const facts = counted(live);
  kept.set(live, { at: live.at, facts });
  return facts;
}

function counted(live: Live): Facts {
  const counts = new Map<string, Map<string, number>>();
  const add = (key: string, value: string | null | undefined): void => {
    if (value === undefined || value === null || value === '') return;
    let values = counts.get(key);
    if (values === undefined) counts.set(key, (values = new Map<string, number>()));
    values.set(value, (values.get(value) ?? 0) + 1);
  };
  let seen = 0;
  for (const info of everything(live)) {
    if (seen++ >= LOOKED_AT) break;
    add('host:', info.target?.host);
    add('port:', info.target === null ? null : String(info.target.port));
    add('proc:', info.owner?.name);
    add('client:', info.client.host);
    add('service:', info.service);
    add('chain:', chainWord(info));
    add('user:', info.user);
    add('type:', typeOf(info));
    for (const node of info.path) add('hop:', node);
  }
  const facts: Record<string, readonly string[]> = { 'state:': ['open', 'setup', 'ended', 'failed'] };
  for (const [key, values] of counts)
    facts[key] = [...values].sort(([, a], [, b]) => b - a).map(([value]) => value);
  return facts;
}

function* everything(live: Live): Generator<ConnectionInfo | ClosedConnection> {
  for (const info of live.info) if (info !== undefined) yield info;
  yield* live.closed;
}
