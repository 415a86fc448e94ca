/**
 * Lets a host past a chain: adds it to a bypass of the chain's first hop, where the chain then ends before it begins and the
 * host is reached straight from this computer. (A bypass of a service is something else: it refuses, as in GOST.) Pure.
 */
import type { Config, Edit, Hop, Json } from '../../core/contract/config.ts';
import { chainsOf, hopsOf } from './chains.ts';
import { isObject } from './diff.ts';

export type BypassOutcome =
  | { readonly kind: 'edits'; readonly edits: Edit[] }
  /** It is on the list already. */
  | { readonly kind: 'there' }
  /** The chain does not exist, or its lists are written in a way that has to be edited by hand. */
  | { readonly kind: 'by_hand' };

const BY_HAND: BypassOutcome = { kind: 'by_hand' };

export function bypassHost(config: Config, chain: string, host: string): BypassOutcome {
  const index = chainsOf(config).findIndex(({ name }) => name === chain);
  const [first] = hopsOf(chainsOf(config)[index]);
  // a hop without nodes is a reference to one that is written elsewhere
  if (first === undefined || (first.nodes ?? []).length === 0) return BY_HAND;
  const lists = bypassesIn(config);
  const named = namesOf(first);
  for (const name of named) {
    const at = lists.findIndex((list) => list['name'] === name);
    const list = lists[at];
    if (list === undefined || isTrue(list['whitelist']) || isTrue(list['reverse'])) continue;
    const matchers = Array.isArray(list['matchers']) ? (list['matchers'] as readonly Json[]) : [];
    if (matchers.includes(host)) return { kind: 'there' };
    const path = ['bypasses', at, 'matchers'];
    return { kind: 'edits', edits: [{ op: 'insert', path, index: matchers.length, value: host }] };
  }
  const name = freshListName(`${chain}-bypass`, lists);
  const hop = ['chains', index, 'hops', 0];
  const assign: Edit =
    named.length === 0
      ? { op: 'set', path: [...hop, 'bypass'], value: name }
      : first['bypasses'] === undefined
        ? { op: 'set', path: [...hop, 'bypasses'], value: [name] }
        : { op: 'insert', path: [...hop, 'bypasses'], index: listOf(first['bypasses']).length, value: name };
  return {
    kind: 'edits',
    edits: [
      { op: 'insert', path: ['bypasses'], index: lists.length, value: { name, matchers: [host] } },
      assign,
    ],
  };
}

function bypassesIn(config: Config): readonly { readonly [key: string]: Json | undefined }[] {
  const lists = config['bypasses'];
  return Array.isArray(lists) ? (lists as readonly Json[]).filter(isObject) : [];
}

function namesOf(hop: Hop): string[] {
  return [hop['bypass'], ...listOf(hop['bypasses'])].filter(
    (name): name is string => typeof name === 'string' && name !== '',
  );
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function isTrue(value: Json | undefined): boolean {
  return value === true || value === 'true';
}

function freshListName(
  wanted: string,
  lists: readonly { readonly [key: string]: Json | undefined }[],
): string {
  const taken = new Set(lists.map((list) => list['name']));
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted}-${number}`)) number += 1;
  return `${wanted}-${number}`;
}
