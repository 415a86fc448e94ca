/**
 * What a service lets its clients reach, judged twice: by the target as it was asked for, and by the address that Direct is
 * about to dial, so that no name can lead where its address may not (DNS rebinding).
 */
import { networkInterfaces } from 'node:os';
import { ProxyError } from '../errors.ts';
import { formatAddress, isLoopback, isPrivate, isUnspecified, sameHost, unmap } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import type { Bypass } from './bypass.ts';

export interface PolicyParts {
  readonly bypass: Bypass | null;
  /** Refuse loopback, link-local and private addresses to clients that are not on this computer. */
  readonly guard: boolean;
  /** Our own control ports: refused to everybody. */
  readonly forbidden: () => readonly Address[];
}

export interface Policy {
  /** Judges a target as asked for, name or literal. Null: allowed so far. */
  judge(target: Address): ProxyError | null;
  /** Judges the address that a name was given before it goes into a chain. */
  judgeGiven(address: Address): ProxyError | null;
  /** Judges an address about to be dialled from this computer. */
  judgeDirect(ip: string, port: number, client: Address): ProxyError | null;
}

export function createPolicy({ bypass, guard, forbidden }: PolicyParts): Policy {
  const ours = (address: Address): boolean => forbidden().some((port) => isOurs(address, port));
  const judgeGiven = (address: Address): ProxyError | null =>
    ours(address) || bypass?.lists(address) === true ? refused(address) : null;
  return {
    judge: (target) => (bypass?.matches(target) === true || ours(target) ? refused(target) : null),
    judgeGiven,
    judgeDirect: (ip, port, client) => {
      const address = { host: ip, port };
      const verdict = judgeGiven(address);
      if (verdict !== null) return verdict;
      return guard && isPrivate(ip) && !isThisComputer(client.host) ? refused(address) : null;
    },
  };
}

function refused(address: Address): ProxyError {
  return new ProxyError('not_allowed', { target: formatAddress(address) });
}

/** Whether `address` leads to `port` of ours: by its own address, any loopback spelling of it, or a wildcard. */
function isOurs({ host, port }: Address, own: Address): boolean {
  if (port !== own.port) return false;
  if (isLoopback(host) || isUnspecified(host) || sameHost(host, own.host)) return true;
  return isUnspecified(own.host) && isThisComputer(host);
}

/** Loopback, or an address of one of this computer's interfaces. */
function isThisComputer(host: string): boolean {
  if (isLoopback(host)) return true;
  const plain = unmap(host);
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => sameHost(unmap(address), plain)),
  );
}
