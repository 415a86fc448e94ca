/**
 * What a proxy's refusal means to a person. The words say what that proxy claims and nothing more: GOST answers 3 (v3) or 4
 * (v2) to every failed CONNECT. Only "refused" is a fact about the target that no proxy says by default, so it alone
 * becomes the target's own error.
 */
import { ProxyError } from '../errors.ts';
import { REP } from '../socks/constants.ts';

export interface Refused {
  readonly hop: string;
  /** The target as people write it. */
  readonly target: string;
  /** What was asked for: CONNECT, BIND, UDP. */
  readonly command: string;
}

/** The error for a SOCKS5 REP that is not "succeeded"; its `rep` is the one the proxy gave. */
export function refusal(rep: number, { hop, target, command }: Refused): ProxyError {
  if (rep === REP.REFUSED) return new ProxyError('refused', { target, hop }, { rep });
  return new ProxyError('hop_refused', { hop, reason: reasonOf(rep, target, command) }, { rep });
}

function reasonOf(rep: number, target: string, command: string): string {
  switch (rep) {
    case REP.GENERAL_FAILURE:
      return 'it failed without saying why.';
    case REP.NOT_ALLOWED:
      return `it does not allow ${target}.`;
    case REP.NETWORK_UNREACHABLE:
      return `it can not reach the network of ${target}.`;
    case REP.HOST_UNREACHABLE:
      return `it can not reach ${target}.`;
    case REP.TTL_EXPIRED:
      return `the connection to ${target} expired on the way.`;
    case REP.COMMAND_UNSUPPORTED:
      return `it does not offer ${command}.`;
    case REP.ADDRESS_TYPE_UNSUPPORTED:
      return `it can not handle the kind of address of ${target}.`;
    default:
      return `the unknown code ${rep}.`;
  }
}
