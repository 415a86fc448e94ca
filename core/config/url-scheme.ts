/** The scheme of a `-L` or `-F` URL: `a`, `a+b`, and what GOST makes of words it does not know. Source: gost/config.md §7. */
import type { Grade } from '../contract/config.ts';
import { isGostType, nearest, typesOf, type Role } from './gost-types.ts';

/** Which two parts a scheme names, and what GOST puts in the place of an unknown word. */
export interface SchemeRoles {
  readonly first: Role;
  readonly second: Role;
  readonly fallback: readonly [first: string, second: string];
}

export const SERVICE_ROLES: SchemeRoles = { first: 'handler', second: 'listener', fallback: ['auto', 'tcp'] };
export const NODE_ROLES: SchemeRoles = { first: 'connector', second: 'dialer', fallback: ['http', 'tcp'] };

export interface SchemeTypes {
  /** The words of the scheme. */
  readonly asked: readonly [string, string];
  first: string;
  second: string;
}

interface Remark {
  readonly grade: Grade;
  readonly code: string;
  readonly message: string;
}

export function readScheme(
  scheme: string,
  { first, second, fallback }: SchemeRoles,
): { types: SchemeTypes; remarks: readonly Remark[] } {
  const words = scheme.split('+');
  const remarks: Remark[] = [];
  if (words.includes('socks5h')) {
    remarks.push({
      grade: 'changes',
      code: 'socks5h',
      message:
        'GOST does not know socks5h and would speak HTTP here. Sockeye speaks SOCKS5; names are resolved at the far end either way.',
    });
  }
  const parts =
    scheme === 'https' ? ['http', 'tls'] : words.map((word) => (word === 'socks5h' ? 'socks5' : word));
  const asked: [string, string] = parts.length > 2 ? ['', ''] : [parts[0] ?? '', parts[1] ?? parts[0] ?? ''];
  const known = [isGostType(first, asked[0]), isGostType(second, asked[1])] as const;
  const harmless = scheme === 'auto' || (parts.length === 1 ? known[0] || known[1] : known[0] && known[1]);
  const types = {
    asked,
    first: known[0] ? asked[0] : fallback[0],
    second: known[1] ? asked[1] : fallback[1],
  };
  if (!harmless) {
    const near = nearest(parts.length === 1 || !known[0] ? asked[0] : asked[1], [
      ...typesOf(first),
      ...typesOf(second),
    ]);
    remarks.push({
      grade: 'blocks',
      code: 'unknown_scheme',
      message: `There is no ${scheme}. GOST would silently take it for ${types.first}+${types.second}; Sockeye does not guess.${near === null ? '' : ` Did you mean ${near}?`}`,
    });
  }
  return { types, remarks };
}
