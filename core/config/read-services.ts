/**
 * Services: where each listens, what it speaks, whom it lets in and where it sends them. References to other objects are names here;
 * check.ts looks whether they lead anywhere.
 */
import type { Path } from '../contract/config.ts';
import { isLoopback, parseAddress } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import type { ForwarderPlan, ServicePlan, TrafficScope } from '../plan.ts';
import { ready, type ServerTls } from '../registry.ts';
import type { Credentials } from '../roles.ts';
import { definitionOf, type Catalog } from './catalog-view.ts';
import { pathText, type Findings } from './findings.ts';
import { SERVICE_HOOKS } from './gost-options.ts';
import { REMOTE_LISTENERS } from './gost-types.ts';
import { firstOf, readBoolean, readMetadataDuration, readText } from './gost-values.ts';
import { addressFix, nodeOptions, readSelector, readTarget } from './read-targets.ts';
import { checkOptions, metadataOf, namesOf, readComponent } from './read-options.ts';
import { readCredentials } from './read-objects.ts';
import { readServerTls } from './read-tls.ts';
import type { Section } from './section.ts';

const SERVICE_OPTIONS = ['dialTimeout', 'guard', 'limiter.scope'];
/** GOST's own figure is 15 s; promises.md says 10. */
const DIAL_TIMEOUT_MS = 10_000;

export interface ServiceContext {
  readonly catalog: Catalog;
  /** The file's global certificate, for services that have none. */
  readonly tls: ServerTls | null;
  /** Reusable hops by name, for forwarders that name one. */
  readonly hops: ReadonlyMap<string, Section>;
  /** Services made in the window guard the local network unless they say otherwise. */
  readonly desktop: boolean;
}

/** The service, or null with a finding that blocks. */
export function readService(
  section: Section,
  name: string,
  context: ServiceContext,
  findings: Findings,
): ServicePlan | null {
  const { catalog } = context;
  const handlerSection = section.section('handler');
  const listenerSection = section.section('listener');
  const handler = readComponent(
    handlerSection.data,
    'handler',
    'auto',
    handlerSection.path,
    catalog.handlers,
    findings,
  );
  const listener = readComponent(
    listenerSection.data,
    'listener',
    'tcp',
    listenerSection.path,
    catalog.listeners,
    findings,
  );
  checkServiceOptions(section, catalog, findings);
  const address = readListen(section, findings);
  const access = readAccess(handlerSection, findings);
  const forwarder = readForwarder(section.section('forwarder'), context, findings);
  const ways = readWays(handlerSection, listenerSection, findings);
  const listenerTls = readServerTls(listenerSection.section('tls'), findings) ?? context.tls;
  const handlerTls = readServerTls(handlerSection.section('tls'), findings) ?? context.tls;
  const retries = handlerSection.integer('retries') ?? 0;
  if (handler?.definition.facts.forward === true && forwarder === null) {
    findings.add(
      'blocks',
      'no_target',
      section.path,
      `A ${handler.definition.type} service needs a target. Add forwarder.nodes with an addr.`,
    );
  }
  if (
    address === null ||
    handler === null ||
    listener === null ||
    findings.blocked(section.path, ['forwarder', 'nodes'])
  )
    return null;
  const guard = readFlag(section, handlerSection, 'guard');
  const dialTimeout = firstOf(metadataOf(section.data), ['dialTimeout'])?.[1];
  return {
    name,
    address,
    listener: ready(listener.definition, listener.options),
    listenerTls,
    listenerChain: ways.listener,
    handler: ready(handler.definition, handler.options),
    handlerTls,
    chain: ways.handler,
    retries: Math.max(0, retries),
    ...access,
    forwarder,
    bypasses: section.names('bypass', 'bypasses'),
    admissions: section.names('admission', 'admissions'),
    resolver: section.textOrNull('resolver'),
    hosts: section.textOrNull('hosts'),
    limiters: section.names('limiter', ''),
    limiterScope: readLimiterScope(section, findings),
    climiters: section.names('climiter', ''),
    rlimiters: section.names('rlimiter', ''),
    guard: guard ?? (context.desktop && !isLoopback(address.host)),
    dialTimeoutMs:
      (dialTimeout === undefined ? null : readMetadataDuration(dialTimeout).value) || DIAL_TIMEOUT_MS,
  };
}

function checkServiceOptions(section: Section, { handlers, listeners }: Catalog, findings: Findings): void {
  const handler = section.section('handler');
  const listener = section.section('listener');
  const handlerType = handler.text('type') || 'auto';
  const listenerType = listener.text('type') || 'tcp';
  const handlerDefinition = definitionOf(handlers, handlerType);
  const listenerDefinition = definitionOf(listeners, listenerType);
  checkOptions(
    [
      {
        path: [...handler.path, 'metadata'],
        metadata: metadataOf(handler.data),
        who: `The ${handlerType} handler`,
        options: handlerDefinition === undefined ? null : [...namesOf(handlerDefinition), 'guard'],
      },
      {
        path: [...listener.path, 'metadata'],
        metadata: metadataOf(listener.data),
        who: `The ${listenerType} listener`,
        options: listenerDefinition === undefined ? null : namesOf(listenerDefinition),
      },
      {
        path: [...section.path, 'metadata'],
        metadata: metadataOf(section.data),
        who: 'A service',
        options: SERVICE_OPTIONS,
      },
    ],
    findings,
  );
  for (const hook of SERVICE_HOOKS) {
    const found = firstOf(metadataOf(handler.data), [hook]);
    if (found !== null)
      findings.add(
        'changes',
        'hook',
        [...handler.path, 'metadata', found[0]],
        `${hook} is a shell command. Sockeye never runs commands from a configuration.`,
        { at: 'key' },
      );
  }
}

function readListen(section: Section, findings: Findings): Address | null {
  const written = section.text('addr').trim();
  const path: Path = [...section.path, 'addr'];
  if (written === '') {
    findings.add(
      'blocks',
      'no_address',
      section.path,
      `${pathText(section.path)} does not say where to listen. Write addr: 127.0.0.1:1080.`,
    );
    return null;
  }
  const address = parseAddress(written);
  if (address !== null) return address;
  const message = /:\d+-\d+$/.test(written)
    ? `"${written}" is a range of ports, which only -L understands; write one service per port.`
    : `"${written}" is not an address to listen on; write it as host:port, or :port for every network.`;
  findings.add('blocks', 'bad_address', path, message, addressFix(written, path));
  return null;
}

/** Who may sign in: authers when any is named, else the one user of `auth`. */
function readAccess(
  handler: Section,
  findings: Findings,
): { users: readonly Credentials[] | null; authers: readonly string[] } {
  const authers = handler.names('auther', 'authers');
  const auth = handler.section('auth');
  if (!handler.has('auth')) return { users: null, authers };
  if (authers.length > 0) {
    findings.add(
      'ignored',
      'auth_unused',
      auth.path,
      `The user below auth does not count, because ${authers.join(', ')} is named; add the user there.`,
    );
    return { users: null, authers };
  }
  const user = readCredentials(auth, findings);
  if (user?.password === '') {
    findings.add(
      'changes',
      'empty_password',
      auth.path,
      `The user ${user.username} has no password. GOST would accept any password; Sockeye accepts only an empty one.`,
    );
  }
  return { users: user === null ? null : [user], authers };
}

/** The chains of handler and listener. GOST looks at the listener's only where it listens at a chain's far end. */
function readWays(
  handler: Section,
  listener: Section,
  findings: Findings,
): { handler: string | null; listener: string | null } {
  const own = handler.textOrNull('chain');
  const other = listener.textOrNull('chain');
  if (other === null || REMOTE_LISTENERS.has(listener.text('type'))) return { handler: own, listener: other };
  const path = [...listener.path, 'chain'];
  const edits = [
    { op: 'set' as const, path: [...handler.path, 'chain'], value: other },
    { op: 'remove' as const, path },
  ];
  findings.add(
    'changes',
    'misplaced',
    path,
    `GOST looks at listener.chain for rtcp and rudp only and would connect directly here; Sockeye uses ${own ?? other} for this service. It belongs to handler.chain.`,
    {
      fix: { label: 'Move it to handler.chain', edits },
    },
  );
  return { handler: own ?? other, listener: null };
}

function readForwarder(section: Section, { hops }: ServiceContext, findings: Findings): ForwarderPlan | null {
  if (section.data === undefined || section.data === null) return null;
  const reference = section.textOrNull('hop');
  const source = reference === null ? section : hops.get(reference);
  if (source === undefined) {
    findings.add(
      'blocks',
      'dangling',
      [...section.path, 'hop'],
      `There is no hop ${reference ?? ''} in hops.`,
    );
    return null;
  }
  const nodes = source.sections('nodes').flatMap((node, index) => {
    const addr = readTarget(node, findings);
    const { weight, backup } = nodeOptions(node);
    return addr === null ? [] : [{ name: node.text('name') || `target-${index}`, addr, weight, backup }];
  });
  if (nodes.length === 0) return null;
  return {
    name: reference ?? 'forwarder',
    selector: readSelector(source.section('selector'), findings),
    nodes,
  };
}

/** GOST takes what is none of its scopes for one that nothing matches; here it is said and all of the limiter holds. */
function readLimiterScope(section: Section, findings: Findings): TrafficScope {
  const found = firstOf(metadataOf(section.data), ['limiter.scope']);
  const scope = found === null ? '' : (readText(found[1]).value ?? '');
  if (scope === 'service' || scope === 'conn') return scope;
  if (found !== null && scope !== '') {
    findings.add(
      'changes',
      'unknown_value',
      [...section.path, 'metadata', found[0]],
      `limiter.scope is service or conn; "${scope}" has no effect, and all of the limiter holds.`,
    );
  }
  return 'all';
}

function readFlag(section: Section, handler: Section, key: string): boolean | null {
  const found = firstOf(metadataOf(section.data), [key]) ?? firstOf(metadataOf(handler.data), [key]);
  return found === null ? null : (readBoolean(found[1]).value ?? null);
}
