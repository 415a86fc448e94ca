/**
 * Chains, hops and nodes. A node that can not be used is left out of its hop; a hop without a usable node makes its chain unusable, because
 * a chain never goes around a hop.
 */
import type { Json } from '../contract/config.ts';
import { parseAddress } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import type { ChainPlan, HopPlan, NodePlan, SelectorPlan } from '../plan.ts';
import { ready } from '../registry.ts';
import type { Credentials } from '../roles.ts';
import { definitionOf, type Catalog } from './catalog-view.ts';
import { checkShape } from './check-shape.ts';
import { Findings, fix, pathText } from './findings.ts';
import { nearest } from './gost-types.ts';
import { firstOf, readBoolean, readInteger, readMetadataDuration } from './gost-values.ts';
import { checkOptions, metadataOf, namesOf, readComponent, type Component } from './read-options.ts';
import { readNodeAuth, readNodeFile } from './read-node-files.ts';
import type { References } from './references.ts';
import { readClientTls, sayVerification } from './read-tls.ts';
import { Section } from './section.ts';

const DEFAULT_SELECTOR: SelectorPlan = { strategy: 'round', maxFails: 1, failTimeoutMs: 10_000 };
/** What a node itself reads of its metadata. */
export const NODE_OPTIONS: readonly string[] = ['weight', 'backup', 'maxFails', 'failTimeout'];
/** Metadata of a hop that only Sockeye reads (ADR 0012). */
const SKIP = 'sockeye.skip';

export interface HopReader {
  /** Null: it can not be used. */
  hop(section: Section, index: number): HopPlan | 'skipped' | null;
}

interface HopContext {
  readonly catalog: Catalog;
  readonly references: References;
  readonly findings: Findings;
  /** Advice about a node that can be used. */
  readonly advise: (node: NodePlan, section: Section, findings: Findings) => void;
}

/** Reads hops; one that is only a name is looked up among `hops`. */
export function hopReader(context: HopContext, hops: ReadonlyMap<string, Section>): HopReader {
  return {
    hop(section, index) {
      const name = section.text('name');
      if (skipped(section)) {
        saySkipped(section, name || `hop-${index}`, context.findings);
        return 'skipped';
      }
      const own = section.has('nodes') || section.has('file');
      const shared = own ? undefined : hops.get(name);
      if (shared === undefined && !own && name !== '') {
        context.findings.add(
          'blocks',
          'missing_hop',
          [...section.path, 'name'],
          `There is no hop named ${name} to go through. Give it nodes, or define it under hops.`,
        );
        return null;
      }
      const hop =
        shared === undefined
          ? readHop(section, name || `hop-${index}`, context)
          : readHop(shared, name, context);
      return hop === null ? null : { ...hop, at: index };
    },
  };
}

export function readChain(
  section: Section,
  name: string,
  reader: HopReader,
  findings: Findings,
): ChainPlan | null {
  const sections = section.sections('hops');
  if (sections.length === 0) {
    findings.add(
      'blocks',
      'no_hops',
      section.path,
      `The chain ${name} has no hop. GOST would connect directly; Sockeye does not use it.`,
    );
    return null;
  }
  const hops = sections.map((hop, index) => reader.hop(hop, index));
  const wanted = hops.filter((hop) => hop !== 'skipped');
  if (wanted.length === 0) {
    findings.add(
      'blocks',
      'all_skipped',
      section.path,
      `Every hop of the chain ${name} is skipped, so nothing can go through it. Nothing is sent around it either.`,
    );
    return null;
  }
  const usable = wanted.flatMap((hop) => hop ?? []);
  return usable.length === wanted.length ? { name, hops: usable } : null;
}

function readHop(section: Section, name: string, context: HopContext): HopPlan | null {
  const { findings, references } = context;
  const sections = section.sections('nodes');
  checkNames(section, references);
  const listed = sections.flatMap((node, index) => readNode(node, index, section, context) ?? []);
  const nodes = [...listed, ...nodesOfFile(section, sections.length, context)];
  if (findings.blocked(section.path, ['nodes'])) return null;
  if (nodes.length === 0) {
    const message =
      sections.length === 0 ? `The hop ${name} lists no proxy` : `No proxy of the hop ${name} can be used`;
    findings.add('blocks', 'no_node', section.path, `${message}, so chains with it do not run.`);
    return null;
  }
  return {
    name,
    selector: readSelector(section.section('selector'), findings),
    nodes,
    bypasses: section.names('bypass', 'bypasses'),
    resolver: section.textOrNull('resolver'),
    hosts: section.textOrNull('hosts'),
  };
}

/** The nodes of a hop's file, numbered from `first` on. What is wrong with one is said at its number, with the name of the file. */
function nodesOfFile(section: Section, first: number, context: HopContext): NodePlan[] {
  const read = readNodeFile(section, context.findings);
  if (read === null) return [];
  const findings = new Findings(() => ({ file: read.path, line: 0, column: 0 }));
  checkShape({ hops: [{ name: section.text('name'), nodes: read.nodes }] }, findings);
  const inner = { ...context, findings, references: context.references.saidTo(findings) };
  const hop = new Section({}, ['hops', 0]);
  const plans = read.nodes.flatMap(
    (node, index) => readNode(new Section(node, ['hops', 0, 'nodes', index]), index, hop, inner) ?? [],
  );
  for (const { grade, code, path, message } of findings.list) {
    const [, , , index] = path;
    const at =
      typeof index === 'number' ? [...section.path, 'nodes', first + index] : [...section.path, 'nodes'];
    context.findings.add(grade, code, at, `${read.path}: ${message}`);
  }
  return plans.map((plan) => ({ ...plan, at: first + (plan.at ?? 0) }));
}

function skipped(section: Section): boolean {
  return readBoolean(firstOf(metadataOf(section.data), [SKIP])?.[1] ?? false).value ?? false;
}

function saySkipped(section: Section, name: string, findings: Findings): void {
  const path = [...section.path, 'metadata', SKIP];
  findings.add(
    'changes',
    'hop_skipped',
    path,
    `The hop ${name} is skipped: traffic goes past it. GOST would go through it.`,
    { fix: fix('Use the hop again', { op: 'remove', path }) },
  );
}

function checkNames(section: Section, references: References): void {
  references.check(section, 'bypass', 'bypass', 'bypasses');
  references.check(section, 'resolver', 'resolver');
  references.check(section, 'hosts', 'hosts');
}

function readNode(section: Section, index: number, hop: Section, context: HopContext): NodePlan | null {
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
      place(hop, 'A hop', [SKIP]),
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
  if (options['requireAuth'] === true && auth === null)
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

/** Where a node or target is; without a host it is this computer, as in GOST. Null with a finding when it is unreadable. */
export function readTarget(section: Section, findings: Findings): Address | null {
  const written = section.text('addr').trim();
  const path = [...section.path, 'addr'];
  if (written === '') {
    findings.add(
      'blocks',
      'no_address',
      section.path,
      `${pathText(section.path)} has no address. Write addr: host:port.`,
    );
    return null;
  }
  const address = parseAddress(written);
  if (address === null || address.port === 0) {
    findings.add(
      'blocks',
      'bad_address',
      path,
      `"${written}" is not an address; write it as host:port, IPv6 in brackets.`,
      addressFix(written, path),
    );
    return null;
  }
  return address.host === '' ? { host: '127.0.0.1', port: address.port } : address;
}

/** Offers the colon to somebody who wrote a bare port. */
export function addressFix(
  written: string,
  path: readonly (string | number)[],
): { fix?: ReturnType<typeof fix> } {
  return /^\d{1,5}$/.test(written)
    ? { fix: fix(`Write :${written}`, { op: 'set', path, value: `:${written}` }) }
    : {};
}

const STRATEGIES: Readonly<Record<string, SelectorPlan['strategy']>> = {
  round: 'round',
  rr: 'round',
  random: 'random',
  rand: 'random',
  fifo: 'fifo',
  ha: 'fifo',
  hash: 'hash',
};
const MISSING_STRATEGIES = new Set(['parallel', 'lowestlatency', 'lowest', 'll']);

export function readSelector(section: Section, findings: Findings): SelectorPlan {
  const written = section.text('strategy');
  const strategy = Object.hasOwn(STRATEGIES, written) ? STRATEGIES[written] : undefined;
  const path = [...section.path, 'strategy'];
  if (written !== '' && strategy === undefined) {
    if (MISSING_STRATEGIES.has(written)) {
      findings.add(
        'changes',
        'unsupported',
        path,
        `Sockeye has no strategy ${written}; the proxies take turns (round).`,
      );
    } else {
      const near = nearest(written, Object.keys(STRATEGIES));
      findings.add(
        'hint',
        'unknown_value',
        path,
        `There is no strategy ${written}, in GOST neither; the proxies take turns (round).`,
        near === null ? {} : { fix: fix(`Write ${near}`, { op: 'set', path, value: near }) },
      );
    }
  }
  const maxFails = section.integer('maxFails') ?? 0;
  const failTimeoutMs = section.duration('failTimeout') ?? 0;
  return {
    strategy: strategy ?? DEFAULT_SELECTOR.strategy,
    maxFails: maxFails > 0 ? maxFails : DEFAULT_SELECTOR.maxFails,
    failTimeoutMs: failTimeoutMs > 0 ? failTimeoutMs : DEFAULT_SELECTOR.failTimeoutMs,
  };
}

/** What the metadata of a node or target says about choosing it. */
export function nodeOptions(
  section: Section,
): Pick<NodePlan, 'weight' | 'backup' | 'maxFails' | 'failTimeoutMs'> {
  const metadata = metadataOf(section.data);
  const value = (key: string): Json | undefined => firstOf(metadata, [key])?.[1];
  const weight = readInteger(value('weight') ?? 1).value ?? 1;
  const maxFails = readInteger(value('maxFails') ?? 0).value ?? 0;
  const failTimeoutMs = readMetadataDuration(value('failTimeout') ?? 0).value ?? 0;
  return {
    weight: weight > 0 ? weight : 1,
    backup: readBoolean(value('backup') ?? false).value ?? false,
    maxFails: maxFails > 0 ? maxFails : null,
    failTimeoutMs: failTimeoutMs > 0 ? failTimeoutMs : null,
  };
}
