/**
 * What somebody who helps needs to know, as text to be pasted somewhere. Without passwords, user names and targets: of log lines only what
 * happened is told, with addresses left out.
 */
import { cpus, release, totalmem, type } from 'node:os';
import { publicText } from '../log.ts';
import type { Host } from './host.ts';

/** The last lines that matter. */
const LINES = 60;

export function reportOf(host: Host): string {
  const { about, logs, engine } = host.deps;
  const minutes = Math.round((Date.now() - host.startedAt) / 60_000);
  const memory = process.memoryUsage();
  const storage = host.storage();
  const { totals } = engine.stats.since(null);
  const lines = logs
    .after(0)
    .filter(({ level }) => level !== 'debug')
    .slice(-LINES);
  return [
    `Sockeye ${about.version} (${about.runtime}), running for ${minutes} min`,
    `Node ${process.versions.node}, ${process.platform}/${process.arch}, ${type()} ${release()}, ${cpus().length} CPUs, ${mb(totalmem())} MB`,
    `memory: ${mb(memory.rss)} MB resident, ${mb(memory.heapUsed)} MB of heap`,
    `open: ${totals.open} connections, ${totals.associations} UDP sessions`,
    `history: ${storage.history}${storage.why === null ? '' : ` (${storage.why})`}, ${mb(storage.bytes)} MB of ${storage.limits.mb}, ${storage.limits.days} days`,
    `log files: ${storage.logs.files}, ${mb(storage.logs.bytes)} MB`,
    '',
    ...host.services().map(({ name, state, handler, listener, chain, auth, udp, exposed, error }) => {
      const traits = [
        auth ? 'sign-in' : 'no sign-in',
        udp ? 'UDP' : 'no UDP',
        ...(exposed ? ['open to others'] : []),
      ];
      const way = chain === null ? 'direct' : `chain ${chain}`;
      const why = error === null ? '' : ` (${error.code})`;
      return `service ${name}: ${state}${why}, ${handler} over ${listener}, ${way}, ${traits.join(', ')}`;
    }),
    ...host.problems().map(({ severity, id }) => `${severity}: ${publicText(id)}`),
    ...host.configuration.findings.map(({ grade, code, line }) => `finding: ${grade} ${code} line ${line}`),
    '',
    ...lines.map(({ at, level, event, fields }) => {
      const shown = Object.entries(fields)
        .filter(([key, value]) => value !== null && !PRIVATE.has(key))
        .map(([key, value]) => `${key}=${typeof value === 'string' ? publicText(value) : String(value)}`);
      return [new Date(at).toISOString(), level, event, ...shown].join(' ');
    }),
    '',
  ].join('\n');
}

/** Fields that say who went where. */
const PRIVATE: ReadonlySet<string> = new Set(['target', 'client', 'user', 'path', 'peer']);

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}
