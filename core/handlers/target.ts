/** What may stand in a request as a target, for every protocol we serve. */
import { ProxyError } from '../errors.ts';
import { familyOf, unmap, validName } from '../net/address.ts';
import type { Address } from '../net/conn.ts';

/**
 * A target in its plain form: an IP literal unmapped, or a valid name as it was written. Throws `bad_name` for anything
 * else, the empty name included: it must not come to mean this computer (promises 6 and 7).
 */
export function checkedTarget({ host, port }: Address): Address {
  if (familyOf(host) !== 0) return { host: unmap(host), port };
  if (!validName(host)) throw new ProxyError('bad_name', { host });
  return { host, port };
}

/** The same for a target that is to be connected to: port 0 throws `bad_port`. */
export function connectable(dst: Address): Address {
  const target = checkedTarget(dst);
  if (target.port === 0) throw new ProxyError('bad_port', { host: target.host });
  return target;
}

/** An address to listen on: the same, but no host means every interface. */
export function listenable(address: Address): Address {
  return address.host === '' ? address : checkedTarget(address);
}
