/**
 * What a test does when a peer is not on this machine: say so by name with the command that brings it, and count as
 * skipped. In CI nothing may be missing, so there it fails.
 */
import type { TestContext } from 'node:test';
import { locate, remedy, type PeerName } from '../scripts/peers/list.mjs';

const known = new Map<PeerName, boolean>();

/** True if all peers are here. Otherwise the test is skipped with the reason (the caller returns), or fails when CI=true. */
export function requirePeer(t: TestContext, ...names: readonly PeerName[]): boolean {
  const absent = absentOf(names);
  if (absent.length === 0) return true;
  const reason = absent.map((name) => `${name} is not on this machine (${remedy(name)})`).join('; ');
  if (process.env['CI'] === 'true') throw new Error(reason);
  t.skip(reason);
  return false;
}

/** The peers of `names` that this machine does not have. Looked up once per process. */
export function absentOf(names: readonly PeerName[]): PeerName[] {
  return names.filter((name) => {
    const present = known.get(name) ?? locate(name) !== null;
    known.set(name, present);
    return !present;
  });
}
