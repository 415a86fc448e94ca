/** One node of a hop: its connector and dialer with their options, its sign-in, its TLS, and whether it can do what is required of it. */
import type { NodePlan } from '../plan.ts';
import { ready } from '../registry.ts';
import type { Credentials } from '../roles.ts';
import { definitionOf, type Catalog } from './catalog-view.ts';
import { fix, type Findings } from './findings.ts';
import { checkOptions, metadataOf, namesOf, readComponent, type Component } from './read-options.ts';
import { readNodeAuth } from './read-node-files.ts';
import { nodeOptions, readTarget } from './read-targets.ts';
import { readClientTls, sayVerification } from './read-tls.ts';
import type { References } from './references.ts';
import type { Section } from './section.ts';

/** What a node itself reads of its metadata. */
export const NODE_OPTIONS: readonly string[] = ['weight', 'backup', 'maxFails', 'failTimeout'];
/** Metadata of a hop that only Sockeye reads (ADR 0012). */
export const SKIP = 'sockeye.skip';
const HOP_OPTIONS: readonly string[] = [SKIP];

export interface NodeContext {
  readonly catalog: Catalog;
  readonly references: References;
  readonly findings: Findings;
  /** Advice about a node that can be used. */
  readonly advise: (node: NodePlan, section: Section, findings: Findings) => void;
}

/** Null, with a finding, for a node that can not be used. */
export function readNode(
  section: Section,
  index: number,
  hop: Section,
  context: NodeContext,
): NodePlan | null {
  const { catalog, findings } = context;
  checkNames(section, context.references);
  const name = section.text('name') || `node-${index}`;
  const connectorSection = section.section('connector');
  const dialerSection = section.section('dialer');
  const connector = readComponent(
    connectorSection.data,
    'connector',
    'http',
    connectorSection.path,
    catalog.connectors,
    findings,
  );
  const dialer = readComponent(
    dialerSection.data,
    'dialer',
    'tcp',
    dialerSection.path,
    catalog.dialers,
    findings,
  );
  const connectorDefinition = definitionOf(catalog.connectors, connectorSection.text('type') || 'http');
  const dialerDefinition = definitionOf(catalog.dialers, dialerSection.text('type') || 'tcp');
  const place = (of: Section, who: string, options: readonly string[] | null) => ({
    path: [...of.path, 'metadata'],
    metadata: metadataOf(of.data),
    who,
    options,
  });
  checkOptions(
    [
      place(
        connectorSection,
        `The ${connectorSection.text('type') || 'http'} connector`,
        connectorDefinition === undefined ? null : namesOf(connectorDefinition),
      ),
      place(
        dialerSection,
        `The ${dialerSection.text('type') || 'tcp'} dialer`,
        dialerDefinition === undefined ? null : namesOf(dialerDefinition),
      ),
      place(section, 'A node', NODE_OPTIONS),
      place(hop, 'A hop', HOP_OPTIONS),
    ],
    findings,
  );
  const addr = readTarget(section, findings);
  const connectorTls = readClientTls(connectorSection.section('tls'), findings);
  const dialerTls = readClientTls(dialerSection.section('tls'), findings);
  const authOf = (of: Section): Credentials | null =>
    of.has('auth') ? readNodeAuth(of.section('auth'), findings) : null;
  const connectorAuth = authOf(connectorSection);
  const dialerAuth = authOf(dialerSection);
  const own = nodeOptions(section);
  if (addr === null || connector === null || dialer === null || findings.blocked(section.path)) return null;
  if (!keepsPolicy(name, connectorSection, connector.options, connectorAuth, findings)) return null;
  const inside = insideTls(connectorSection, dialerSection, connector, dialer, findings);
  if (dialer.definition.facts.tls)
    sayVerification(dialerSection.section('tls'), dialerTls?.secure ?? null, findings);
  const node: NodePlan = {
    name,
    at: index,
    addr,
    connector: ready(connector.definition, connector.options),
    connectorAuth,
    connectorTls: inside ? dialerTls : connectorTls,
    dialer: ready(dialer.definition, dialer.options),
    dialerAuth,
    dialerTls,
    ...own,
    bypasses: section.names('bypass', 'bypasses'),
    resolver: section.textOrNull('resolver'),
    hosts: section.textOrNull('hosts'),
  };
  context.advise(node, section, findings);
  return node;
}

/** What is required of a proxy has to be possible; a node that asks for the impossible is left out. */
function keepsPolicy(
  name: string,
  connector: Section,
  options: Readonly<Record<string, unknown>>,
  auth: Credentials | null,
  findings: Findings,
): boolean {
  const say = (key: string, message: string): false => {
    findings.add('blocks', 'policy', [...connector.path, 'metadata', key], message);
    return false;
  };
  if (options['requireTls'] === true && options['notls'] === true)
    return say('notls', `${name} has to encrypt inside of SOCKS5 and may not: remove requireTls or notls.`);
  if (options['isolate'] === true && auth !== null)
    return say(
      'isolate',
      `${name} makes up user names and has one as well: remove isolate or connector.auth.`,
    );
  if (options['requireAuth'] === true && options['isolate'] !== true && auth === null)
    return say('requireAuth', `${name} has to sign in but has no user. Add connector.auth.`);
  return true;
}

/**
 * Whether `dialer.tls` is about the TLS that SOCKS5 agrees on: the parameters of a URL stand there, and the dialer has no use
 * for them. GOST encrypts to anybody then; here what was asked for holds.
 */
function insideTls(
  connectorSection: Section,
  dialerSection: Section,
  connector: Component<Catalog['connectors'][number]>,
  dialer: Component<Catalog['dialers'][number]>,
  findings: Findings,
): boolean {
  const negotiates = connector.options['notls'] === false;
  if (!negotiates || dialer.definition.facts.tls || connectorSection.has('tls') || !dialerSection.has('tls'))
    return false;
  const tls = dialerSection.section('tls');
  const [key] = ['secure', 'caFile', 'certFile'].filter((name) => tls.has(name));
  if (key !== undefined) {
    findings.add(
      'hint',
      'tls_inside',
      [...tls.path, key],
      `${key} holds for the TLS that the proxy agrees on inside of SOCKS5, because the ${dialer.definition.type} dialer encrypts nothing; GOST would not look at it.`,
      {
        fix: fix(
          'Move it to connector.tls',
          { op: 'set', path: [...connectorSection.path, 'tls'], value: tls.data ?? {} },
          { op: 'remove', path: tls.path },
        ),
      },
    );
  }
  return true;
}

/** The lists that a hop or a node names. */
export function checkNames(section: Section, references: References): void {
  references.check(section, 'bypass', 'bypass', 'bypasses');
  references.check(section, 'resolver', 'resolver');
  references.check(section, 'hosts', 'hosts');
}
