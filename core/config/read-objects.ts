/**
 * The named objects that services, hops and nodes refer to: bypasses, admissions, resolvers, hosts and authers. An object with a
 * blocking finding is left out; whoever refers to it is told.
 */
import type {
  AutherPlan,
  BypassPlan,
  HostMapping,
  HostsPlan,
  NameserverPlan,
  ResolverPlan,
} from '../plan.ts';
import { compileMatchers } from '../chains/address-matcher.ts';
import type { Credentials } from '../roles.ts';
import { familyOf, formatAddress, parseAddress, validName } from '../net/address.ts';
import { fix, pathText, type Findings } from './findings.ts';
import { readListFile, type ReadLine } from './list-file.ts';
import type { Section } from './section.ts';

/** Reads each object of a list that has a name of its own and nothing that blocks. The objects below `parts` are judged by `read`. */
export function named<T>(
  sections: readonly Section[],
  findings: Findings,
  read: (section: Section, name: string) => T | null,
  parts?: string,
): Map<string, T> {
  const result = new Map<string, T>();
  const seen = new Set<string>();
  for (const section of sections) {
    const name = section.text('name');
    if (name === '') {
      findings.add(
        'ignored',
        'no_name',
        section.path,
        `${pathText(section.path)} has no name, so nothing can refer to it.`,
      );
      continue;
    }
    if (seen.has(name)) {
      findings.add(
        'blocks',
        'duplicate_name',
        [...section.path, 'name'],
        `The name ${name} is taken already; only the first one counts. Rename one of them.`,
      );
      continue;
    }
    seen.add(name);
    const value = read(section, name);
    if (value !== null && !findings.blocked(section.path, parts === undefined ? [] : [parts]))
      result.set(name, value);
  }
  return result;
}

export function readBypass(section: Section, name: string, findings: Findings): BypassPlan {
  const whitelist = section.boolean('whitelist') ?? section.boolean('reverse') ?? false;
  if (section.has('reverse')) {
    findings.add(
      'hint',
      'old_key',
      [...section.path, 'reverse'],
      '`reverse` is the old name of `whitelist`; both mean the same.',
      { at: 'key' },
    );
  }
  const matchers = section.texts('matchers').flatMap((matcher, index) => {
    const read = readMatcher(matcher.trim());
    if (read !== null && 'wrong' in read)
      findings.add('blocks', 'bad_value', [...section.path, 'matchers', index], `${capital(read.wrong)}.`);
    return read !== null && 'item' in read ? [read.item] : [];
  });
  return { name, whitelist, matchers, file: readListFile(section, readMatcher, 'blocks', findings) };
}

/** One pattern of a bypass or admission. */
function readMatcher(pattern: string): ReturnType<ReadLine<string>> {
  if (pattern === '') return null;
  try {
    compileMatchers([pattern], '');
    return { item: pattern };
  } catch {
    return {
      wrong: `"${pattern}" is no address pattern; write an address, a CIDR, a range, a name or *.name`,
    };
  }
}

export function readAuther(section: Section, name: string, findings: Findings): AutherPlan {
  const users = section.sections('auths').flatMap((auth): Credentials[] => {
    const user = readCredentials(auth, findings);
    return user === null ? [] : [user];
  });
  // GOST: the first word is the name, all the rest is the password
  const readUser: ReadLine<Credentials> = (line) => {
    const [, username = '', password = ''] = /^(\S+)(?:\s+(.*))?$/.exec(line) ?? [];
    return { item: { username, password } };
  };
  const file = readListFile(section, readUser, 'blocks', findings, true);
  const elsewhere = ['file', 'redis', 'http', 'plugin'].some((source) => section.has(source));
  if (users.length === 0 && !elsewhere) {
    findings.add(
      'hint',
      'no_users',
      section.path,
      `The auther ${name} lists no user, so nobody can sign in with it.`,
    );
  }
  return { name, users, file };
}

/** User name and password; null when there is no user name, which GOST takes for nobody. */
export function readCredentials(section: Section, findings: Findings): Credentials | null {
  const username = section.text('username');
  if (username === '') {
    if (section.has('password'))
      findings.add(
        'blocks',
        'no_username',
        section.path,
        `${pathText(section.path)} has a password without a user name; GOST would ask nobody for it. Add a username.`,
      );
    return null;
  }
  return { username, password: section.text('password') };
}

export function readHosts(section: Section, name: string, findings: Findings): HostsPlan {
  const mappings = section.sections('mappings').flatMap((mapping) => {
    const ip = mapping.text('ip');
    const hostname = mapping.text('hostname');
    if (familyOf(ip) === 0) {
      findings.add(
        'ignored',
        'bad_value',
        [...mapping.path, 'ip'],
        `${ip === '' ? 'Nothing' : `"${ip}"`} is not an IP address, so this line has no effect.`,
      );
      return [];
    }
    if (hostname === '') {
      findings.add('ignored', 'bad_value', mapping.path, 'This mapping names no host, so it has no effect.');
      return [];
    }
    return [{ ip, hostname, aliases: mapping.texts('aliases') }];
  });
  const readLine: ReadLine<HostMapping> = (line) => {
    const [ip = '', hostname = '', ...aliases] = line.split(/\s+/);
    if (familyOf(ip) === 0) return { wrong: `"${ip}" is no IP address; a line is an address and its names` };
    if (hostname === '') return { wrong: `the address ${ip} has no name behind it` };
    return { item: { ip, hostname, aliases } };
  };
  return { name, mappings, file: readListFile(section, readLine, 'changes', findings) };
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

export function readResolver(section: Section, name: string, findings: Findings): ResolverPlan {
  const nameservers = section
    .sections('nameservers')
    .flatMap((server) => readNameserver(server, findings) ?? []);
  if (nameservers.length === 0) {
    findings.add(
      'blocks',
      'no_nameserver',
      section.path,
      `The resolver ${name} has no usable name server; without one its users could resolve nothing.`,
    );
  }
  return { name, nameservers };
}

const DNS_PORT = { udp: 53, tcp: 53, tls: 853 } as const;

function readNameserver(section: Section, findings: Findings): NameserverPlan | null {
  const written = section.text('addr').trim();
  const [, scheme = 'udp', rest = ''] = /^(?:([a-z0-9+.-]+):\/\/)?(.*)$/i.exec(written) ?? [];
  const protocol = scheme === 'dot' ? 'tls' : scheme;
  const family = (key: string): 'ipv4' | 'ipv6' | null => {
    const value = section.text(key);
    if (value === '' || value === 'ipv4' || value === 'ip4') return value === '' ? null : 'ipv4';
    if (value === 'ipv6' || value === 'ip6') return 'ipv6';
    findings.add(
      'ignored',
      'unknown_value',
      [...section.path, key],
      `\`${key}\` is ipv4 or ipv6; "${value}" has no effect.`,
    );
    return null;
  };
  const addr =
    protocol === 'https'
      ? webAddress(written)
      : protocol === 'udp' || protocol === 'tcp' || protocol === 'tls'
        ? hostPort(rest, DNS_PORT[protocol])
        : null;
  if (
    addr === null ||
    (protocol !== 'udp' && protocol !== 'tcp' && protocol !== 'tls' && protocol !== 'https')
  ) {
    findings.add(
      'ignored',
      'bad_value',
      [...section.path, 'addr'],
      `"${written}" is no name server, so it is left out. Write udp://, tcp:// or tls:// with host:port, or an https:// address.`,
    );
    return null;
  }
  const only = family('only');
  return {
    protocol,
    addr,
    hostname: section.textOrNull('hostname'),
    prefer: only ?? family('prefer'),
    only,
    clientIp: section.textOrNull('clientIP'),
    chain: section.textOrNull('chain'),
    ttlMs: section.duration('ttl') || null,
    timeoutMs: section.duration('timeout') || 5000,
  };
}

function hostPort(text: string, port: number): string | null {
  const bare = text.replace(/\/+$/, '');
  const whole = parseAddress(bare);
  if (whole !== null) return whole.host === '' ? null : formatAddress(whole);
  const host = /^\[(.+)\]$/.exec(bare)?.[1] ?? bare;
  return familyOf(host) !== 0 || validName(host) ? formatAddress({ host, port }) : null;
}

function webAddress(text: string): string | null {
  try {
    const url = new URL(text);
    return url.hostname === '' ? null : url.href;
  } catch {
    return null;
  }
}

/** GOST's `log` section, for the command line to follow. */
export interface LogSettings {
  readonly level: 'error' | 'warn' | 'info' | 'debug' | null;
  readonly output: string | null;
}

const LEVELS: Readonly<Record<string, LogSettings['level']>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'error',
};

export function readLog(section: Section, findings: Findings): LogSettings {
  const level = section.text('level');
  const known = LEVELS[level];
  if (level !== '' && known === undefined) {
    findings.add(
      'ignored',
      'unknown_value',
      [...section.path, 'level'],
      `"${level}" is no log level; info is used.`,
      {
        fix: fix('Write info', { op: 'set', path: [...section.path, 'level'], value: 'info' }),
      },
    );
  }
  const output = section.text('output');
  if (output !== '' && output !== 'stderr' && output !== 'none') {
    findings.add(
      'changes',
      'unsupported',
      [...section.path, 'output'],
      'Sockeye logs to stderr and to its window; redirect stderr to keep a file.',
    );
  }
  if (section.text('format') === 'text') {
    findings.add(
      'ignored',
      'unsupported',
      [...section.path, 'format'],
      'Sockeye logs one JSON object per line.',
    );
  }
  if (section.has('rotation'))
    findings.add('ignored', 'unsupported', [...section.path, 'rotation'], 'Sockeye writes no log files.');
  return { level: known ?? null, output: output === '' ? null : output };
}
