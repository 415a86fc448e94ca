/** `sockeye -L … -F … -C …` without a window: the engine alone, as scripts and servers use it in place of gost. */
import type { Loaded } from '../config/load.ts';
import type { Finding } from '../contract/config.ts';
import { Engine } from '../engine.ts';
import { ProxyError, toProxyError } from '../errors.ts';
import type { Log } from '../log.ts';
import { stateFolder } from './compose.ts';
import { PortConflicts } from './port-conflicts.ts';
import { portOwner } from './port-owner.ts';
import { readSources, watchSources, type Sources } from './sources.ts';

export interface RunningEngine {
  /** Reads all sources again; what runs stays when they can not be used. */
  reload(): Promise<void>;
  close(drainMs: number): Promise<void>;
}

/** Starts every service. Rejects with the first reason when one can not run: scripts must not mistake half for whole. */
export async function runEngine(
  sources: Sources,
  loaded: Loaded,
  dataDir: string,
  log: Log,
): Promise<RunningEngine> {
  tell(loaded.findings, log);
  refuseBlocked(loaded.findings);
  if (loaded.plan.services.length === 0)
    throw new ProxyError('config', {
      where: sources.files[0] ?? 'The command line',
      message: 'no service is given',
    });
  const engine = new Engine({ log, stateFolder: stateFolder(dataDir), forbidden: () => [] });
  await engine.apply(loaded.plan);
  const failure = await firstFailure(engine);
  if (failure !== null) {
    await engine.shutdown(0);
    throw failure;
  }
  warnExposed(engine, log);
  let turn = Promise.resolve();
  const apply = async (): Promise<void> => {
    try {
      const next = await readSources(sources);
      tell(next.findings, log);
      refuseBlocked(next.findings);
      await engine.apply(next.plan);
      log.info('reloaded', { services: next.plan.services.length });
      warnExposed(engine, log);
    } catch (error) {
      const hint = 'The configuration that was running keeps running.';
      log.error('reload_failed', { error: toProxyError(error).message, hint });
    }
  };
  const reload = (): Promise<void> => {
    turn = turn.then(apply);
    return turn;
  };
  const watched = await watchSources(sources, () => void reload(), log);
  return {
    reload: async () => {
      await watched?.used(); // what is read now is no change to be noticed a moment later
      await reload();
    },
    close: async (drainMs) => {
      watched?.close();
      await turn;
      await engine.shutdown(drainMs);
    },
  };
}

/** One line per finding, so that nothing a configuration says is ignored in silence. */
function tell(findings: readonly Finding[], log: Log): void {
  for (const { grade, code, message, ...place } of findings) {
    if (grade === 'blocks') continue; // told by the refusal
    const fields = { grade, code, where: placeOf(place), message };
    if (grade === 'changes') log.warn('finding', fields);
    else log.info('finding', fields);
  }
}

/** `file:line:column`, or which URL of the command line. */
export function placeOf({ file, line, column }: Pick<Finding, 'file' | 'line' | 'column'>): string {
  return line > 0 ? `${file}:${line}:${column}` : file;
}

/** Throws `config` with the place of the first finding that blocks. */
export function refuseBlocked(findings: readonly Finding[]): void {
  const blocking = findings.find(({ grade }) => grade === 'blocks');
  if (blocking !== undefined)
    throw new ProxyError('config', { where: placeOf(blocking), message: blocking.message });
}

async function firstFailure(engine: Engine): Promise<ProxyError | null> {
  const states = engine.states();
  const conflicts = new PortConflicts(portOwner, () => undefined);
  conflicts.update(states);
  await conflicts.settled();
  for (const state of states) {
    // a port at the far end of a chain is tried again by the engine: the far end may come up later
    if (state.chain !== null && (state.listener === 'rtcp' || state.listener === 'rudp')) continue;
    const { error } = conflicts.explained(state);
    if (error !== null) return new ProxyError(error.code, error.detail);
  }
  return null;
}

function warnExposed(engine: Engine, log: Log): void {
  for (const { name, address, exposed } of engine.states()) {
    if (exposed)
      log.warn('exposed', {
        service: name,
        address,
        hint: 'It listens beyond this computer and asks for no password.',
      });
  }
}
