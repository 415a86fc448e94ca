/**
 * Reads URLs as Go's net/url does, as far as `-L` and `-F` need it: anything may stand where a host stands, the user part is
 * percent-decoded, of a repeated query key the first value counts.
 */
export interface GoUrl {
  readonly scheme: string;
  /** Null: no `@`. Password null: no colon before the `@`. */
  readonly user: { readonly name: string; readonly password: string | null } | null;
  /** As written: host, port, several of both. */
  readonly host: string;
  /** Still percent-encoded, with its slash. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
}

/** Parses `scheme://…`. A string is the reason why it is none. */
export function parseGoUrl(text: string): GoUrl | string {
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'it contains a control character';
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?$/i.exec(text);
  if (parts === null) return 'it does not begin with a scheme such as socks5://';
  const [, scheme = '', authority = '', path = '', query = ''] = parts;
  const at = authority.lastIndexOf('@');
  const user = at === -1 ? null : parseUser(authority.slice(0, at));
  if (user === 'bad') return 'the user name or password contains a stray %; write it as %25';
  if (decoded(path) === null) return 'the path contains a stray %; write it as %25';
  return {
    scheme: scheme.toLowerCase(),
    user,
    host: authority.slice(at + 1),
    path,
    query: parseQuery(query),
  };
}

function parseUser(text: string): GoUrl['user'] | 'bad' {
  const colon = text.indexOf(':');
  const name = decoded(colon === -1 ? text : text.slice(0, colon));
  const password = colon === -1 ? null : decoded(text.slice(colon + 1));
  if (name === null || (colon !== -1 && password === null)) return 'bad';
  return { name, password };
}

/** Pairs with a semicolon or a stray % are left out, as Go does. */
function parseQuery(text: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const key = decoded((equals === -1 ? pair : pair.slice(0, equals)).replaceAll('+', ' '));
    const value = decoded((equals === -1 ? '' : pair.slice(equals + 1)).replaceAll('+', ' '));
    if (key !== null && value !== null && !query.has(key)) query.set(key, value);
  }
  return query;
}

/** Percent-decoded; bytes that are no UTF-8 become U+FFFD. Null for a % without two hex digits. */
function decoded(text: string): string | null {
  if (/%(?![0-9a-f]{2})/i.test(text)) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return Buffer.from(unescapeBytes(text), 'latin1').toString('utf8');
  }
}

function unescapeBytes(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The host without its last port and without brackets, as Go's Hostname gives it. */
export function hostname(host: string): string {
  const bracket = /^\[(.*)\](?::\d*)?$/.exec(host)?.[1];
  return bracket ?? host.replace(/:\d*$/, '');
}

/** Base64 as Go's RawURLEncoding or StdEncoding reads it; null when it is neither. */
export function decodeBase64(text: string): string | null {
  if (/^[A-Za-z0-9_-]*$/.test(text) && text.length % 4 !== 1)
    return Buffer.from(text, 'base64url').toString('utf8');
  const standard = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  return standard ? Buffer.from(text, 'base64').toString('utf8') : null;
}

/** `host:8000-8002` as one address per port; null when the port is no port and no range; one range never gives more than `limit`. */
export function expandPorts(address: string, limit: number): string[] | null {
  const parts = /^(\[[^\]]*\]|[^:[\]]*):(\d{1,5})(?:-(\d{1,5}))?$/.exec(address);
  if (parts === null) return null;
  const [, host = '', from = '', to = from] = parts;
  const [first, last] = [Number(from), Number(to)];
  if (first > 65_535 || last > 65_535 || last < first || last - first >= limit) return null;
  return Array.from({ length: last - first + 1 }, (_, index) => `${host}:${first + index}`);
}

/** GOST's reading of what has no scheme. */
export function withScheme(text: string): string {
  return text.startsWith(':') || !text.includes('://') ? `auto://${text}` : text;
}

/** Takes the host out before the URL is parsed, so that it may be anything. */
export function cutHost(text: string): { host: string; rest: string } {
  const start = text.indexOf(':') + 3;
  const found = text.slice(start).search(/[/?]/);
  const end = found === -1 ? text.length : start + found;
  const at = text.slice(start, end).lastIndexOf('@');
  const from = at === -1 ? start : start + at + 1;
  return { host: text.slice(from, end), rest: text.slice(0, from) + text.slice(end) };
}
