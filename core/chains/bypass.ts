/**
 * Bypasses: lists of addresses that something does not apply to. What that means is the place's: a service refuses them, a
 * node is no candidate for them, a chain ends before a hop for them. Admissions are the same lists over source addresses.
 */
import { ProxyError } from '../errors.ts';
import { following, type Lists } from '../live-list.ts';
import type { BypassPlan } from '../plan.ts';
import { compileMatchers, type AddressMatcher } from './address-matcher.ts';

/** Several lists together, as GOST joins them: in none of the whitelists (if there are any), or in one of the others. */
export interface Bypass {
  readonly matches: AddressMatcher;
  /**
   * Matches what is listed by other lists than whitelists. For the address a name was resolved to: a name that a whitelist
   * lets pass must not fail because its address is not listed, but a listed address stays listed under any name.
   */
  readonly lists: AddressMatcher;
}

/** The bypasses of these names as one; null when there are none. Throws `config` for a name that does not exist. */
export function bypassOf(
  plans: readonly BypassPlan[],
  names: readonly string[],
  lists: Lists,
): Bypass | null {
  if (names.length === 0) return null;
  const found = names.map((name) => find(plans, name));
  const compiled = found.map((plan) => ({ whitelist: plan.whitelist, listed: listedBy(plan, lists) }));
  const white = compiled.filter(({ whitelist }) => whitelist);
  const black = compiled.filter(({ whitelist }) => !whitelist);
  const blacklisted: AddressMatcher = (address) => black.some(({ listed }) => listed(address));
  return {
    lists: blacklisted,
    matches: (address) =>
      (white.length > 0 && !white.some(({ listed }) => listed(address))) || blacklisted(address),
  };
}

/** What one list matches: its entries, or everything else when it is a whitelist. */
export function matcherOf(plans: readonly BypassPlan[], name: string, lists: Lists): AddressMatcher {
  const plan = find(plans, name);
  const listed = listedBy(plan, lists);
  return plan.whitelist ? (address) => !listed(address) : listed;
}

/** What the entries of one list match, those of its file included as they are now. */
function listedBy({ name, matchers, file }: BypassPlan, lists: Lists): AddressMatcher {
  const current = following(lists.of(matchers, file), (all) => compileMatchers(all, name));
  return (address) => current()(address);
}

function find(plans: readonly BypassPlan[], name: string): BypassPlan {
  const plan = plans.find((candidate) => candidate.name === name);
  if (plan === undefined) throw new ProxyError('config', { where: name, message: 'there is no such list' });
  return plan;
}
