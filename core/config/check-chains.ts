/**
 * What a person should know about a chain as a whole: hops that are skipped, the same proxy twice, names that are resolved on this computer
 * although the chain could carry them, private addresses that mean another network, and proxies that are Sockeye itself.
 */
import { familyOf, formatAddress, isLoopback, isPrivate } from '../net/address.ts';
import type { ChainPlan, HopPlan, NodePlan, Plan, ServicePlan } from '../plan.ts';
import type { Findings } from './findings.ts';
import type { Section } from './section.ts';

/** A chain that can run, and where it stands. */
export interface DraftedChain {
  readonly plan: ChainPlan;
  readonly section: Section;
}

export function checkChain({ plan, section }: DraftedChain, findings: Findings): void {
  const hops = section.sections('hops');
  const seen = new Map<string, string>();
  for (const [position, hop] of plan.hops.entries()) {
    const path = hops[hop.at ?? position]?.path ?? section.path;
    for (const [index, node] of hop.nodes.entries()) {
      const at = [...path, 'nodes', node.at ?? index];
      const key = `${node.connector.type} ${node.dialer.type} ${formatAddress(node.addr)}`;
      const twin = seen.get(key);
      if (twin !== undefined)
        findings.add(
          'hint',
          'duplicate_node',
          [...at, 'addr'],
          `${node.name} is the same proxy as ${twin} of this chain.`,
        );
      seen.set(key, node.name);
      adviseNames(node, hop, position, at, findings);
      const before = plan.hops[position - 1];
      if (
        before !== undefined &&
        isPrivate(node.addr.host) &&
        !(isLoopback(node.addr.host) && onlyLoopback(before))
      )
        findings.add(
          'hint',
          'private_later',
          [...at, 'addr'],
          `${formatAddress(node.addr)} is a private address: it is reached from hop ${position} (${before.name}), in the network of that proxy.`,
        );
    }
  }
}

/** A service whose names are resolved here although they go into a chain. */
export function checkServiceNames(
  plan: Pick<ServicePlan, 'chain' | 'resolver'>,
  section: Section,
  resolvers: Plan['resolvers'],
  findings: Findings,
): void {
  if (plan.chain === null || plan.resolver === null) return;
  const resolver = resolvers.find(({ name }) => name === plan.resolver);
  if (resolver === undefined || resolver.nameservers.every(({ chain }) => chain !== null)) return;
  findings.add(
    'hint',
    'resolved_here',
    [...section.path, 'resolver'],
    `Names are looked up from this computer before they go into ${plan.chain}: who runs the name server sees them. Give the name server that chain, or leave the resolver out.`,
  );
}

function adviseNames(
  node: NodePlan,
  hop: HopPlan,
  position: number,
  path: readonly (string | number)[],
  findings: Findings,
): void {
  if (node.connector.options['disable4a'] === true) {
    findings.add(
      'hint',
      'resolved_here',
      [...path, 'connector', 'metadata', 'disable4a'],
      `Names are resolved on this computer before ${node.name} is asked: plain SOCKS4 knows addresses only.`,
    );
  }
  const named = familyOf(node.addr.host) === 0;
  if (position > 0 && named && (node.resolver ?? hop.resolver) !== null) {
    findings.add(
      'hint',
      'resolved_here',
      [...path, 'addr'],
      `The name ${node.addr.host} is resolved on this computer, not by the hop before it.`,
    );
  }
}

function onlyLoopback({ nodes }: HopPlan): boolean {
  return nodes.every(({ addr }) => isLoopback(addr.host));
}
