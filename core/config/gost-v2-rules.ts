/**
 * `whitelist=` and `blacklist=` of GOST v2: rules per command, `tcp,udp:*.example.com:80,8000-9000`, as what v3 has: bypasses for where TCP goes,
 * and whether a service offers UDP and remote ports at all. What v3 can not say is said more strictly, never more freely.
 * Source: ginuerzh/gost 2.12, permissions.go; socks.go asks about the address of the request, so never about where datagrams go.
 */
import type { Grade } from '../contract/config.ts';
import type { Data } from './url-query.ts';

/** What the rules of one service become. */
export interface V3Rules {
  readonly bypasses: readonly Data[];
  /** Switches of the handler that the rules turn off. */
  readonly off: readonly ('udp' | 'bind')[];
  readonly said: readonly (readonly [Grade, string])[];
}

type Action = 'tcp' | 'udp' | 'rtcp' | 'rudp';
interface Rule {
  readonly actions: readonly string[];
  /** As a bypass writes them. */
  readonly matchers: readonly string[];
}
type Rules = readonly Rule[];
interface Lists {
  readonly white: Rules | null;
  readonly black: Rules | null;
}

const EVERYWHERE = '*';
const NO_RULES: V3Rules = { bypasses: [], off: [], said: [] };
const FREE_DATAGRAMS =
  'whitelist, blacklist: What they say about TCP holds for datagrams here as well; GOST v2 does not look at where those go.';
const SOME_UDP =
  'whitelist, blacklist: GOST v2 grants UDP for some addresses only, which v3 can not say: UDP is off.';
const SOME_PORTS =
  'whitelist, blacklist: GOST v2 grants some remote ports only, which v3 can not say: none are opened.';
const RELAY_DIFFERS =
  'whitelist, blacklist: A relay service of v3 has the same rules for TCP and UDP; here they differ. Write a bypass instead.';

/** `null`: the URL has no such list. `handler`: of the v3 service, as written. */
export function rulesToV3(whitelist: string | null, blacklist: string | null, handler: string): V3Rules {
  const lists: { white: Rules | null; black: Rules | null } = { white: null, black: null };
  for (const [key, side, text] of [
    ['whitelist', 'white', whitelist],
    ['blacklist', 'black', blacklist],
  ] as const) {
    if (text === null) continue;
    const read = parse(text);
    if (typeof read === 'string') return { ...NO_RULES, said: [['blocks', unkept(key, read)]] };
    lists[side] = read;
  }
  const bypasses = bypassesOf(lists, 'tcp');
  if (handler === 'relay') {
    const same = JSON.stringify(bypasses) === JSON.stringify(bypassesOf(lists, 'udp'));
    return same ? { ...NO_RULES, bypasses } : { ...NO_RULES, said: [['blocks', RELAY_DIFFERS]] };
  }
  if (!['auto', 'socks5'].includes(handler)) return { ...NO_RULES, bypasses };
  const udp = granted(lists, 'udp');
  const ports = [granted(lists, 'rtcp'), granted(lists, 'rudp')];
  const portsOff = ports.some((grant) => grant !== 'all');
  const said: [Grade, string][] = [];
  if (udp === 'some') said.push(['changes', SOME_UDP]);
  if (udp === 'all' && bypasses.length > 0) said.push(['changes', FREE_DATAGRAMS]);
  if (portsOff && ports.some((grant) => grant !== 'none')) said.push(['changes', SOME_PORTS]);
  return {
    bypasses,
    off: [...(udp === 'all' ? [] : (['udp'] as const)), ...(portsOff ? (['bind'] as const) : [])],
    said,
  };
}

function unkept(key: string, rule: string): string {
  return `${key}: "${rule}" can not be kept. A rule is COMMANDS:NAMES:PORTS, such as tcp:*.example.com:80,443, with no wildcard but the asterisk.`;
}

/** The rules, or the one that can not be read or means something else in v3. */
function parse(text: string): Rules | string {
  const rules: Rule[] = [];
  for (const written of text.split(' ').filter((part) => part !== '')) {
    const [actions = '', hosts = '', ports = '', ...more] = written.split(':');
    const ranges = ports.split(',').map(rangeOf);
    const names = hosts.split(',');
    if (more.length > 0 || !/^[\w*,]+$/.test(actions) || !names.every(isKept) || ranges.includes(null))
      return written;
    rules.push({
      actions: actions.split(','),
      matchers: names.flatMap((name) =>
        ranges.map((range) => (range === '' ? name : `${name}:${range ?? ''}`)),
      ),
    });
  }
  return rules;
}

/** A name that a bypass takes for the same; v2 would compare 10.0.0.0/8, a range or .example.com as text. */
function isKept(name: string): boolean {
  return /^[\w*][\w.*-]*$/.test(name) && !/^[\d.]+-[\d.]+$/.test(name);
}

/** Ports as a bypass writes them, '' for all. */
function rangeOf(text: string): string | null {
  if (text === EVERYWHERE) return '';
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return null;
  const [from = 0, to = 0] = [Number(match[1]), Number(match[2] ?? match[1])].toSorted((a, b) => a - b);
  if (to > 65_535 && match[2] === undefined) return null;
  if (from === 0 && to >= 65_535) return '';
  return from === to ? String(from) : `${from}-${Math.min(to, 65_535)}`;
}

function matchersOf(rules: Rules | null, action: Action): readonly string[] | null {
  if (rules === null) return null;
  const about = ({ actions }: Rule): boolean =>
    actions.some((written) => new RegExp(`^${written.replaceAll('*', '.*')}$`).test(action));
  return rules.filter(about).flatMap(({ matchers }) => matchers);
}

function granted({ white, black }: Lists, action: Action): 'all' | 'some' | 'none' {
  const allowed = matchersOf(white, action);
  const refused = matchersOf(black, action);
  if (allowed?.length === 0 || refused?.includes(EVERYWHERE) === true) return 'none';
  return (allowed?.includes(EVERYWHERE) ?? true) && (refused?.length ?? 0) === 0 ? 'all' : 'some';
}

function bypassesOf({ white, black }: Lists, action: Action): Data[] {
  const allowed = matchersOf(white, action);
  const refused = matchersOf(black, action) ?? [];
  return [
    ...(allowed === null || allowed.includes(EVERYWHERE)
      ? []
      : [{ whitelist: true, matchers: allowed.length > 0 ? [...allowed] : undefined }]),
    ...(refused.length === 0 ? [] : [{ matchers: [...refused] }]),
  ];
}
