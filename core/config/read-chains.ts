/**
 * Chains and their hops. A node that can not be used is left out of its hop; a hop without a usable node makes its chain unusable, because
 * a chain never goes around a hop.
 */
import type { ChainPlan, HopPlan, NodePlan } from '../plan.ts';
import { checkShape } from './check-shape.ts';
import { Findings, fix } from './findings.ts';
import { firstOf, readBoolean } from './gost-values.ts';
import { checkNames, readNode, SKIP, type NodeContext } from './read-node.ts';
import { readNodeFile } from './read-node-files.ts';
import { metadataOf } from './read-options.ts';
import { readSelector } from './read-targets.ts';
import { Section } from './section.ts';

export interface HopReader {
  /** Null: it can not be used. */
  hop(section: Section, index: number): HopPlan | 'skipped' | null;
}

/** Reads hops; one that is only a name is looked up among `hops`. */
export function hopReader(context: NodeContext, hops: ReadonlyMap<string, Section>): HopReader {
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

function readHop(section: Section, name: string, context: NodeContext): HopPlan | null {
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
function nodesOfFile(section: Section, first: number, context: NodeContext): NodePlan[] {
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
