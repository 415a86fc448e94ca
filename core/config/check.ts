/**
 * Rules between the parts of a plan: ports used twice, services that lead back to themselves, open doors, UDP that ends half-way, passwords
 * that travel in the clear. What makes a service impossible takes it out of the plan; the rest is advice.
 */
import {
  familyOf,
  formatAddress,
  isLoopback,
  isUnspecified,
  sameAddress,
  validName,
} from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import { hasAllowList, type ChainPlan, type NodePlan, type Plan, type ServicePlan } from '../plan.ts';
import type { DraftedChain } from './check-chains.ts';
import type { Findings } from './findings.ts';
import { REMOTE_LISTENERS, UDP_LISTENERS } from './gost-types.ts';
import type { Section } from './section.ts';

/** A service that could be read, and where it stands. */
export interface Drafted {
  readonly plan: ServicePlan;
  readonly section: Section;
}

/** The parts services are checked against. */
interface Checked {
  readonly chains: ReadonlyMap<string, ChainPlan>;
  /** Where the chains stand. */
  readonly drafted: readonly DraftedChain[];
  readonly admissions: Plan['admissions'];
}

/** Checks services against each other and their chains; returns those that can run. */
export function checkServices(
  services: readonly Drafted[],
  { chains, drafted, admissions }: Checked,
  findings: Findings,
): Drafted[] {
  const kept: Drafted[] = [];
  for (const service of services) {
    const { plan, section } = service;
    if (!keepsPolicy(service, findings)) continue;
    const rival = kept.find((other) => samePort(other.plan, plan));
    if (rival !== undefined) {
      findings.add(
        'blocks',
        'port_twice',
        [...section.path, 'addr'],
        `${formatAddress(plan.address)} is the port of ${rival.plan.name} already. Give one of them another port.`,
      );
    } else if (leadsBack(plan, services, chains)) {
      findings.add(
        'blocks',
        'loop',
        [...section.path, 'handler', 'chain'],
        `The chain ${plan.chain ?? ''} leads back to ${plan.name} itself, so connections would go round in circles.`,
      );
      sayWhere(plan, services, drafted, findings);
    } else {
      kept.push(service);
      advise(service, { chains, drafted, admissions }, findings);
    }
  }
  return kept;
}

/** What a service requires of its clients has to be possible; one that asks for the impossible does not run. */
function keepsPolicy({ plan, section }: Drafted, findings: Findings): boolean {
  const { options } = plan.handler;
  const path = [...section.path, 'handler', 'metadata'];
  const open = plan.users === null && plan.authers.length === 0;
  if (options['requireAuth'] === true && open) {
    findings.add(
      'blocks',
      'policy',
      [...path, 'requireAuth'],
      `${plan.name} requires clients to sign in but has no users. Add handler.auth or an auther.`,
    );
    return false;
  }
  const announce = options['publicAddr'];
  if (typeof announce === 'string' && announce !== '' && familyOf(announce) === 0 && !validName(announce)) {
    findings.add(
      'blocks',
      'bad_value',
      [...path, 'publicAddr'],
      `publicAddr is the address told to clients; "${announce}" is neither an IP address nor a name. It has no port.`,
    );
    return false;
  }
  if (options['requireTls'] === true && options['notls'] === true) {
    findings.add(
      'blocks',
      'policy',
      [...path, 'notls'],
      `${plan.name} requires TLS inside of SOCKS5 and offers none: remove requireTls or notls.`,
    );
    return false;
  }
  return true;
}

function advise({ plan, section }: Drafted, { chains, admissions }: Checked, findings: Findings): void {
  const open = plan.users === null && plan.authers.length === 0 && !hasAllowList(plan, admissions);
  const local = !REMOTE_LISTENERS.has(plan.listener.type);
  if (open && local && plan.forwarder === null && !isLoopback(plan.address.host)) {
    const everywhere = plan.address.host === '' || isUnspecified(plan.address.host);
    findings.add(
      'hint',
      'exposed',
      [...section.path, 'addr'],
      `${everywhere ? 'Every network of this computer' : 'The network'} can use ${plan.name} without a password. Listen on 127.0.0.1, or add handler.auth.`,
      {
        fix: {
          label: 'Listen on this computer only',
          edits: [{ op: 'set', path: [...section.path, 'addr'], value: `127.0.0.1:${plan.address.port}` }],
        },
      },
    );
  }
  if (plan.handler.type === 'socks4' && plan.users !== null) {
    findings.add(
      'hint',
      'password_ignored',
      [...section.path, 'handler', 'auth'],
      'SOCKS4 has no passwords: only clients whose user id is listed without a password are let in.',
    );
  }
  const chain = plan.chain === null ? undefined : chains.get(plan.chain);
  if (chain !== undefined && wantsUdp(plan)) adviseUdp(plan, chain, section, findings);
}

function adviseUdp(plan: ServicePlan, { name, hops }: ChainPlan, section: Section, findings: Findings): void {
  const last = hops.at(-1);
  const beside = last?.nodes.some(({ connector }) => connector.options['relay'] === 'udp') ?? false;
  const stops = hops.findIndex(
    ({ nodes }, index) =>
      (beside || index === hops.length - 1) && nodes.some(({ connector }) => connector.facts.udp !== true),
  );
  if (stops === -1) return;
  const hop = hops[stops];
  const nodes = hop?.nodes ?? [];
  const node =
    nodes.find(({ connector }) => connector.facts.udp === false) ??
    nodes.find(({ connector }) => connector.facts.udp === null);
  const type = node?.connector.type ?? '?';
  findings.add(
    'hint',
    'udp_stops',
    [...section.path, 'handler'],
    node?.connector.facts.udp === null
      ? `UDP of ${plan.name} may stop at hop ${stops + 1} of ${name}: ${hop?.name ?? ''} speaks ${type}, in which only GOST and Sockeye carry UDP, with udp=true there.`
      : stops < hops.length - 1
        ? `UDP of ${plan.name} stops at hop ${stops + 1} of ${name}: ${hop?.name ?? ''} speaks ${type}, and GOST would send datagrams around it. Without relay: udp at ${last?.name ?? ''} they travel inside the stream, where that proxy is GOST or Sockeye.`
        : `UDP of ${plan.name} stops at hop ${stops + 1} of ${name}: ${hop?.name ?? ''} speaks ${type}, which carries no UDP.`,
  );
}

function wantsUdp({ handler, listener }: ServicePlan): boolean {
  return handler.options['udp'] === true || UDP_LISTENERS.has(listener.type);
}

/** Advice about one node's credentials. */
export function checkNode(node: NodePlan, section: Section, findings: Findings): void {
  const auth = node.connectorAuth;
  if (auth === null) return;
  const path = [...section.path, 'connector', 'auth'];
  if (node.connector.type === 'socks4' && auth.password !== '') {
    findings.add('hint', 'password_ignored', path, 'SOCKS4 has no passwords: only the user name is sent.');
    return;
  }
  if (auth.password === '' || isLoopback(node.addr.host) || node.dialer.facts.tls || node.connector.facts.tls)
    return;
  const negotiates = node.connector.type === 'socks5' && node.connector.options['notls'] === false;
  findings.add(
    'hint',
    'clear_password',
    path,
    negotiates
      ? `The password for ${node.name} travels readable unless the proxy agrees to encrypt. Use dialer.type: tls where the proxy offers it.`
      : `The password for ${node.name} travels readable to ${formatAddress(node.addr)}. Use dialer.type: tls where the proxy offers it.`,
  );
}

function samePort(a: ServicePlan, b: ServicePlan): boolean {
  if (a.address.port === 0 || a.address.port !== b.address.port) return false;
  if (REMOTE_LISTENERS.has(a.listener.type) || REMOTE_LISTENERS.has(b.listener.type)) return false;
  if (UDP_LISTENERS.has(a.listener.type) !== UDP_LISTENERS.has(b.listener.type)) return false;
  return anywhere(a.address) || anywhere(b.address) || sameAddress(a.address, b.address);
}

function anywhere({ host }: Address): boolean {
  return host === '' || isUnspecified(host);
}

/** True when following chains from a service through services of this file comes back to it. */
function leadsBack(
  start: ServicePlan,
  services: readonly Drafted[],
  chains: ReadonlyMap<string, ChainPlan>,
): boolean {
  const seen = new Set<string>();
  const queue = [start];
  for (let service = queue.pop(); service !== undefined; service = queue.pop()) {
    const chain = service.chain === null ? undefined : chains.get(service.chain);
    const first = chain?.hops[0]; // later hops are dialled by the proxy before them, elsewhere
    for (const { addr } of first?.nodes ?? []) {
      for (const { plan } of services) {
        if (!reaches(addr, plan)) continue;
        if (plan === start) return true;
        if (!seen.has(plan.name)) queue.push(plan);
        seen.add(plan.name);
      }
    }
  }
  return false;
}

/** The node of a loop, told where it stands. */
function sayWhere(
  { chain }: ServicePlan,
  services: readonly Drafted[],
  drafted: readonly DraftedChain[],
  findings: Findings,
): void {
  const found = drafted.find(({ plan }) => plan.name === chain);
  const first = found?.plan.hops[0];
  const hop = found?.section.sections('hops')[first?.at ?? 0];
  for (const [index, { at, addr, name }] of (first?.nodes ?? []).entries()) {
    const own = services.find(({ plan }) => reaches(addr, plan));
    if (hop === undefined || own === undefined) continue;
    findings.add(
      'hint',
      'loop_node',
      [...hop.path, 'nodes', at ?? index, 'addr'],
      `${name} is Sockeye's own service ${own.plan.name}, from where the traffic would come back here.`,
    );
  }
}

function reaches(addr: Address, { address, listener }: ServicePlan): boolean {
  if (address.port === 0 || addr.port !== address.port || REMOTE_LISTENERS.has(listener.type)) return false;
  if (anywhere(address)) return isLoopback(addr.host) || anywhere(addr);
  return (
    sameAddress(addr, address) ||
    (isLoopback(addr.host) && isLoopback(address.host) && addr.host === 'localhost')
  );
}
