/** What somebody should look at, worked out anew from the present state: services that failed or are open to all, configuration that can not run. */
import type { Problem, ProblemAction, ServiceState } from '../contract/api.ts';
import type { Config, Finding } from '../contract/config.ts';
import type { ProxyError } from '../errors.ts';

export interface Situation {
  readonly states: readonly ServiceState[];
  readonly config: Config;
  readonly findings: readonly Finding[];
  /** The file as a whole could not be applied. */
  readonly rejected: ProxyError | null;
  readonly path: string;
  /** What the file store had to tell. */
  readonly notices: readonly string[];
  /** A free port instead of the one a service could not have. */
  readonly freePort: (service: string) => number | null;
}

/** Problems in order of weight. `since` remembers when each id was first seen; ids that are gone are forgotten. */
export function problemsOf(situation: Situation, since: Map<string, number>, now: number): Problem[] {
  const drafts = [
    ...rejection(situation),
    ...situation.states.flatMap((state) => failure(state, situation)),
    ...situation.findings.flatMap(blocked),
    ...situation.findings.flatMap(aboutChains),
    ...situation.states.flatMap((state) => exposure(state, situation.config)),
    ...situation.notices.map((notice) => noticed(notice, situation)),
  ];
  const ids = new Set(drafts.map(({ id }) => id));
  for (const id of since.keys()) if (!ids.has(id)) since.delete(id);
  return drafts.map((draft) => {
    const first = since.get(draft.id) ?? now;
    since.set(draft.id, first);
    return { ...draft, since: first };
  });
}

type Draft = Omit<Problem, 'since'>;

function rejection({ rejected, path, findings }: Situation): Draft[] {
  if (rejected === null) return [];
  const line = findings.find(({ grade, line }) => grade === 'blocks' && line > 0)?.line ?? 1;
  return [
    {
      id: 'config:rejected',
      severity: 'error',
      what: 'The configuration file was changed and can not be used as it is. What ran before still runs.',
      where: path,
      why: rejected.message,
      actions: [{ kind: 'text', line, label: 'Show in the text' }],
    },
  ];
}

function failure({ name, state, address, error }: ServiceState, { freePort }: Situation): Draft[] {
  if (state !== 'failed' || error === null) return [];
  const retry: ProblemAction = { kind: 'retry', service: name, label: 'Try again' };
  const port = freePort(name);
  const other: ProblemAction[] =
    port === null ? [] : [{ kind: 'use_port', service: name, port, label: `Use ${port}` }];
  return [
    {
      id: `service:${name}`,
      severity: 'error',
      what: `The service "${name}" is not listening.`,
      where: address,
      why: error.message,
      actions: [...other, retry],
    },
  ];
}

function exposure({ name, state, address, exposed }: ServiceState, config: Config): Draft[] {
  if (state !== 'up' || !exposed) return [];
  const at = (config.services ?? []).findIndex((service) => service.name === name);
  return [
    {
      id: `exposed:${name}`,
      severity: 'warning',
      what: `Everybody who reaches this computer can use the service "${name}".`,
      where: address,
      why: 'It listens beyond this computer and asks for no password.',
      actions: at === -1 ? [] : [{ kind: 'show', path: ['services', at], label: 'Show the service' }],
    },
  ];
}

function noticed(notice: string, { path }: Situation): Draft {
  return {
    id: `notice:${notice}`,
    severity: 'warning',
    what: notice,
    where: path,
    why: '',
    actions: [{ kind: 'text', line: 1, label: 'Show in the text' }],
  };
}

/** Advice about chains that a person should see without opening them. */
const ABOUT_CHAINS: ReadonlySet<string> = new Set([
  'hop_skipped',
  'duplicate_node',
  'clear_password',
  'udp_stops',
  'resolved_here',
  'private_later',
]);

function aboutChains({ grade, code, file, line, column, path, message }: Finding): Draft[] {
  if (grade === 'blocks' || !ABOUT_CHAINS.has(code)) return [];
  return [
    {
      id: `finding:${code}:${path.join('.')}:${line}:${column}`,
      severity: 'warning',
      what: message,
      where: line > 0 ? `${file}, line ${line}` : file,
      why: '',
      actions: path.length === 0 ? [] : [{ kind: 'show', path, label: 'Show' }],
    },
  ];
}

function blocked({ grade, code, file, line, column, path, message }: Finding): Draft[] {
  if (grade !== 'blocks') return [];
  return [
    {
      id: `finding:${code}:${path.join('.')}:${line}:${column}`,
      severity: 'error',
      what: message,
      where: line > 0 ? `${file}, line ${line}` : file,
      why: 'This part of the configuration can not run.',
      actions: [
        ...(path.length === 0 ? [] : [{ kind: 'show' as const, path, label: 'Show' }]),
        ...(line > 0 ? [{ kind: 'text' as const, line, label: 'Show in the text' }] : []),
      ],
    },
  ];
}
