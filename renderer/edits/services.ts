/** A service as a form edits it: drafts, what is wrong with them, and the edits they come down to. Pure. */
import type { Config, Edit, Finding, Json, Service } from '../../core/contract/config.ts';
import { joinAddress, loopbackHost, splitAddress, validPort } from '../format/address.ts';
import { freshName } from './chains.ts';
import { editsBetween } from './diff.ts';
import type { ListDraft } from './lists.ts';

/** One and the same, so that whoever compares what they read last sees no change. */
const NONE: readonly Service[] = [];

export function servicesIn(config: Config): readonly Service[] {
  return config.services ?? NONE;
}

export function indexOfService(config: Config, name: string): number {
  return servicesIn(config).findIndex((service) => service.name === name);
}

/** What "New service" starts from: SOCKS5 with UDP for this computer only, on the first port no service has. */
export function newService(config: Config): Service {
  const taken = new Set(servicesIn(config).map(({ addr }) => splitAddress(addr ?? '').port));
  let port = 1080;
  while (taken.has(String(port))) port += 1;
  return {
    name: freshName('service', servicesIn(config)),
    addr: joinAddress('127.0.0.1', String(port)),
    handler: { type: 'socks5', metadata: { udp: true } },
    listener: { type: 'tcp' },
  };
}

export type DraftProblem =
  'name_empty' | 'name_taken' | 'port_bad' | 'host_bad' | 'user_empty' | 'password_empty';

/**
 * The draft with another handler. A listener of the same name belongs to it, as in GOST's URLs; one that belonged to the
 * handler before is left with it.
 */
export function withHandler(draft: Service, type: string, listeners: readonly string[]): Service {
  const before = draft.handler?.type;
  const listener = draft.listener?.type ?? 'tcp';
  const next = listeners.includes(type) ? type : listener === before ? 'tcp' : listener;
  return { ...draft, handler: { ...draft.handler, type }, listener: { ...draft.listener, type: next } };
}

/** Where a forwarding service sends what it accepts, as one line each. */
export function forwardTargets(draft: Service): string {
  return (draft.forwarder?.nodes ?? []).map(({ addr }) => addr ?? '').join('\n');
}

export function withForwardTargets(draft: Service, lines: string): Service {
  const before = draft.forwarder?.nodes ?? [];
  const nodes = lines
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((addr, at) => ({ name: `target-${at}`, ...before[at], addr }));
  return { ...draft, forwarder: { ...draft.forwarder, nodes } };
}

/** What must be right before the draft can be saved, by field. `index` is the service's own place, null for a new one. */
export function draftProblems(config: Config, draft: Service, index: number | null): readonly DraftProblem[] {
  const problems: DraftProblem[] = [];
  const name = draft.name ?? '';
  if (name.trim() === '') problems.push('name_empty');
  if (servicesIn(config).some((other, at) => at !== index && other.name === name))
    problems.push('name_taken');
  const { host, port } = splitAddress(draft.addr ?? '');
  if (!validPort(port)) problems.push('port_bad');
  if (/\s/.test(host)) problems.push('host_bad');
  const { auth } = draft.handler ?? {};
  if (auth !== undefined && (auth.username ?? '') === '') problems.push('user_empty');
  // GOST accepts an empty password; towards a network it protects nothing
  if (auth !== undefined && (auth.password ?? '') === '' && !loopbackHost(host))
    problems.push('password_empty');
  return problems;
}

/** Beyond this computer, for every address, and nobody asked for a password: needs an explicit yes. */
export function exposes(draft: Service, admission: Pick<ListDraft, 'only' | 'shared' | 'entries'>): boolean {
  if (admission.shared || (admission.only && admission.entries.length > 0)) return false;
  const { host } = splitAddress(draft.addr ?? '');
  const handler = draft.handler ?? {};
  const guarded =
    handler.auth !== undefined || handler['auther'] !== undefined || handler['authers'] !== undefined;
  return !loopbackHost(host) && !guarded;
}

export function draftEdits(config: Config, draft: Service, index: number | null): Edit[] {
  if (index !== null) return editsBetween(['services', index], servicesIn(config)[index], draft);
  return [{ op: 'insert', path: ['services'], index: servicesIn(config).length, value: draft as Json }];
}

/** Findings about one place of the file, or anything below it. */
export function findingsAt(
  findings: readonly Finding[],
  path: readonly (string | number)[],
): readonly Finding[] {
  return findings.filter(
    (finding) => path.length <= finding.path.length && path.every((key, at) => finding.path[at] === key),
  );
}
