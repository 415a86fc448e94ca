/**
 * From a configuration to a plan and the findings about it. A plan holds every service that can run; one bad item never keeps the others from it.
 */
import type { Config } from '../contract/config.ts';
import type { ChainPlan, Plan, ResolverPlan } from '../plan.ts';
import type { Catalog } from './catalog-view.ts';
import { checkNode, checkServices, type Drafted } from './check.ts';
import { checkChain, checkServiceNames, type DraftedChain } from './check-chains.ts';
import { checkShape } from './check-shape.ts';
import type { Findings } from './findings.ts';
import { hopReader, readChain } from './read-chains.ts';
import {
  named,
  readAuther,
  readBypass,
  readHosts,
  readLog,
  readResolver,
  type LogSettings,
} from './read-objects.ts';
import { readCountLimiter, readTrafficLimiter } from './read-limiters.ts';
import { readService } from './read-services.ts';
import { readServerTls } from './read-tls.ts';
import { References } from './references.ts';
import { Section } from './section.ts';

export interface ReadOptions {
  readonly catalog: Catalog;
  /** True for configurations of the window: services beyond this computer guard the local network unless they say otherwise. */
  readonly desktop: boolean;
}

export interface ReadResult {
  readonly plan: Plan;
  readonly log: LogSettings;
}

/** Reads everything; findings go to `findings`. */
export function readPlan(config: Config, { catalog, desktop }: ReadOptions, findings: Findings): ReadResult {
  checkShape(config, findings);
  const root = new Section(config, []);
  const list = (key: string): Section[] => root.sections(key);
  const references = References.of(root, findings);

  const bypasses = named(list('bypasses'), findings, (section, name) => readBypass(section, name, findings));
  const admissions = named(list('admissions'), findings, (section, name) =>
    readBypass(section, name, findings),
  );
  const hosts = named(list('hosts'), findings, (section, name) => readHosts(section, name, findings));
  const authers = named(list('authers'), findings, (section, name) => readAuther(section, name, findings));
  const limiters = named(list('limiters'), findings, (section, name) =>
    readTrafficLimiter(section, name, findings),
  );
  const climiters = named(list('climiters'), findings, (section, name) =>
    readCountLimiter(section, name, findings, true),
  );
  const rlimiters = named(list('rlimiters'), findings, (section, name) =>
    readCountLimiter(section, name, findings, false),
  );
  const resolvers = named(list('resolvers'), findings, (section, name) => {
    for (const server of section.sections('nameservers')) references.check(server, 'chain', 'chain');
    return readResolver(section, name, findings);
  });
  references.settle('bypass', bypasses.keys());
  references.settle('admission', admissions.keys());
  references.settle('hosts', hosts.keys());
  references.settle('auther', authers.keys());
  references.settle('limiter', limiters.keys());
  references.settle('climiter', climiters.keys());
  references.settle('rlimiter', rlimiters.keys());
  references.settle('resolver', resolvers.keys());

  const hops = new Map(list('hops').map((section) => [section.text('name'), section]));
  const reader = hopReader({ catalog, references, findings, advise: checkNode }, hops);
  const drafted: DraftedChain[] = [];
  const chains = named(
    list('chains'),
    findings,
    (section, name) => {
      const plan = readChain(section, name, reader, findings);
      if (plan !== null) drafted.push({ plan, section });
      return plan;
    },
    'hops',
  );
  settleChains(chains, resolvers, list('resolvers'), references, findings);

  const tls = readServerTls(root.section('tls'), findings);
  const context = { catalog, tls, hops, desktop };
  const services = readServices(list('services'), references, findings, (section, name) =>
    readService(section, name, context, findings),
  );
  for (const chain of drafted) checkChain(chain, findings);
  for (const service of services)
    checkServiceNames(service.plan, service.section, [...resolvers.values()], findings);
  const log = readLog(root.section('log'), findings);
  return {
    plan: {
      services: checkServices(
        services,
        { chains, drafted, admissions: [...admissions.values()] },
        findings,
      ).map(({ plan }) => plan),
      chains: [...chains.values()],
      bypasses: [...bypasses.values()],
      admissions: [...admissions.values()],
      resolvers: [...resolvers.values()],
      hosts: [...hosts.values()],
      authers: [...authers.values()],
      limiters: [...limiters.values()],
      climiters: [...climiters.values()],
      rlimiters: [...rlimiters.values()],
    },
    log,
  };
}

function readServices(
  sections: readonly Section[],
  references: References,
  findings: Findings,
  read: (section: Section, name: string) => Drafted['plan'] | null,
): Drafted[] {
  const seen = new Set<string>();
  return sections.flatMap((section, index) => {
    const name = section.text('name') || `service-${index}`;
    if (section.text('name') === '')
      findings.add('hint', 'no_name', section.path, `This service has no name; it is called ${name} here.`);
    if (seen.has(name)) {
      findings.add(
        'blocks',
        'duplicate_name',
        [...section.path, 'name'],
        `The name ${name} is taken by another service. Rename one of them.`,
      );
      return [];
    }
    seen.add(name);
    references.check(section, 'bypass', 'bypass', 'bypasses');
    references.check(section, 'admission', 'admission', 'admissions');
    references.check(section, 'resolver', 'resolver');
    references.check(section, 'hosts', 'hosts');
    references.check(section, 'limiter', 'limiter');
    references.check(section, 'climiter', 'climiter');
    references.check(section, 'rlimiter', 'rlimiter');
    const handler = section.section('handler');
    references.check(handler, 'chain', 'chain');
    references.check(handler, 'auther', 'auther', 'authers');
    references.check(section.section('listener'), 'chain', 'chain');
    const plan = read(section, name);
    return plan === null ? [] : [{ plan, section }];
  });
}

/** Chains use resolvers and resolvers use chains: takes out what needs something unusable, until nothing more falls. */
function settleChains(
  chains: Map<string, ChainPlan>,
  resolvers: Map<string, ResolverPlan>,
  sections: readonly Section[],
  references: References,
  findings: Findings,
): void {
  for (let before = -1; before !== chains.size + resolvers.size;) {
    before = chains.size + resolvers.size;
    references.settle('chain', chains.keys());
    references.settle('resolver', resolvers.keys());
    for (const section of sections) {
      for (const server of section.sections('nameservers')) references.check(server, 'chain', 'chain');
      if (findings.blocked(section.path)) resolvers.delete(section.text('name'));
    }
    for (const [name, { hops }] of chains) {
      const used = hops.flatMap((hop) => [hop.resolver, ...hop.nodes.map(({ resolver }) => resolver)]);
      if (used.some((resolver) => resolver !== null && !resolvers.has(resolver))) chains.delete(name);
    }
  }
}
