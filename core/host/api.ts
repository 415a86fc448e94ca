/**
 * The contract's calls over a host. To add one: a line in contract/api.ts, its schema in calls.ts, its method here; the compiler names
 * what is missing. Arguments are parsed before and errors reduced to data after: nothing else crosses.
 */
import type * as z from 'zod';
import { CALLS, type CallName, type Calls, type Reply } from '../contract/api.ts';
import { ProxyError, toProxyError } from '../errors.ts';
import { printable } from '../log.ts';
import { ARGUMENTS } from './calls.ts';
import { Clipboard } from './clipboard.ts';
import type { Host } from './host.ts';
import {
  conflict,
  exported,
  fileShapes,
  link,
  restore,
  review,
  settle,
  snapshotDiff,
  takeIn,
} from './imports.ts';
import { checkPort, hostAddresses } from './listen-places.ts';
import { addHop } from './quick.ts';
import { reportOf } from './report.ts';
import { quickStart, testService } from './quick-start.ts';
import type { Served } from './rpc.ts';
import { pastedNode, previewOf } from './uris.ts';

type Implementation = {
  readonly [K in CallName]: (arg: Calls[K]['in']) => Calls[K]['out'] | Promise<Calls[K]['out']>;
};

const SCHEMAS: { readonly [K in CallName]: z.ZodType<Calls[K]['in']> } = ARGUMENTS;

/** A host as windows see it over any pipe (rpc.ts). */
export function createApi(host: Host): Served {
  const calls = implement(host);
  const run = async <K extends CallName>(name: K, arg: unknown): Promise<Reply<Calls[K]['out']>> => {
    const parsed = SCHEMAS[name].safeParse(arg);
    if (!parsed.success) return refusal(new ProxyError('malformed', { protocol: `an argument of ${name}` }));
    try {
      return { ok: true, value: await calls[name](parsed.data) };
    } catch (thrown) {
      const error = toProxyError(thrown);
      if (error.code === 'bug') host.deps.log.error('call_failed', { call: name, stack: stackOf(error) });
      return refusal(error);
    }
  };
  return {
    events: host.events,
    call: (name, arg) => {
      if (isCall(name)) return run(name, arg);
      const unknown = new ProxyError('unsupported', {
        what: `The call "${printable(name)}"`,
        by: 'this version',
      });
      return Promise.resolve(refusal(unknown));
    },
  };
}

function implement(host: Host): Implementation {
  const clipboard = new Clipboard();
  const { configuration, deps } = host;
  const { engine } = deps;
  return {
    'app.info': () => ({
      ...deps.about,
      platform: process.platform,
      node: process.versions.node,
      configPath: deps.storage.path,
      startedAt: host.startedAt,
      firstRun: !deps.memory.state.started,
    }),
    'schema.get': () => deps.schemas(),
    'config.get': () => configuration.state(),
    'config.text': () => ({ text: configuration.text, revision: configuration.revision }),
    'config.check': ({ revision, edits }) => configuration.check(revision, edits),
    'config.edit': ({ revision, edits, label }) =>
      configuration.edit(
        revision,
        edits.map((edit) => clipboard.filled(edit)),
        label,
      ),
    'config.undo': () => configuration.undo(),
    'config.redo': () => configuration.redo(),
    'config.write': ({ revision, text, label }) => configuration.rewrite(revision, () => text, label),
    'config.checkText': ({ text }) => configuration.checkText(text),
    'config.export': (request) => exported(host, request),
    'config.link': ({ path }) => link(host, path),
    'config.conflict': () => conflict(host),
    'config.settle': ({ text, label }) => settle(host, text, label),
    'schema.file': () => fileShapes(deps.schemas()),
    'import.review': ({ source, repair, edits }) => review(host, source, repair, edits),
    'import.apply': ({ revision, source, choice, label }) => takeIn(host, revision, source, choice, label),
    'snapshots.list': () => deps.snapshots.list(configuration.text),
    'snapshots.diff': ({ id }) => snapshotDiff(host, id),
    'snapshots.restore': ({ revision, id, label }) => restore(host, revision, id, label),
    'services.list': () => host.services(),
    'service.start': async ({ name }) => host.explained(await engine.start(name)),
    'service.stop': ({ name }) => engine.stop(name),
    'quick.start': ({ port }) => quickStart(host, port),
    'selftest.run': ({ service }) => testService(host, service),
    'port.check': ({ service, host: at, port }) => checkPort(host, service, { host: at, port }),
    'host.addresses': () => hostAddresses(),
    'uri.preview': ({ uri }) => previewOf(uri),
    'quick.addHop': ({ service, uri }) => {
      const { node, selector } = pastedNode(uri);
      const hop = { ...(selector === null ? {} : { selector }), nodes: [node] };
      return configuration.edit(null, addHop(configuration.config, service, hop), 'Add a hop');
    },
    'uri.node': ({ uri }) => {
      const { node, selector, findings } = pastedNode(uri);
      return { node, selector, findings: [...findings] };
    },
    'clip.copy': ({ paths }) => ({ text: clipboard.copy(configuration.config, paths) }),
    'clip.read': ({ text }) => clipboard.read(text),
    'run.start': (request) => host.runs.start(request),
    'run.cancel': ({ id }) => {
      host.runs.cancel(id);
      return null;
    },
    'chain.tests': ({ chain }) => host.tests.of(chain),
    'pins.list': () => deps.pins.list(),
    'pins.forget': async ({ peer }) => {
      if (await deps.pins.forget(peer)) deps.log.info('certificate_forgotten', { peer });
      return deps.pins.list();
    },
    'connection.close': ({ ids }) => ({ closed: engine.closeConnections(ids) }),
    'service.naming': ({ name }) => engine.stats.naming.of(name),
    'connection.detail': ({ id }) => engine.stats.detail(id),
    'connections.recent': () => engine.stats.recent(),
    'log.recent': ({ after, before }) => deps.logs.after(after, before),
    'traffic.history': ({ range, by }) => deps.history.history(range, by),
    'traffic.totals': ({ period, kind }) => deps.history.totals(period, kind),
    'traffic.clear': () => {
      deps.history.clear();
      return host.storage();
    },
    'storage.get': () => host.storage(),
    'folder.open': ({ folder }) => host.openFolder(folder),
    'diagnostics.report': () => ({ text: reportOf(host) }),
    'log.capture': ({ detail }) => host.capture(detail),
    'storage.set': async (limits) => {
      deps.history.limits(limits);
      await deps.memory.update({ history: limits });
      return host.storage();
    },
    'problems.list': () => host.problems(),
    'login.get': () => deps.login.read(),
    'login.set': ({ on }) => deps.login.set(on),
  };
}

function isCall(name: string): name is CallName {
  return Object.hasOwn(CALLS, name);
}

/** No stack, no cause: `toWire` is all that leaves. */
function refusal(error: ProxyError): Reply<never> {
  return { ok: false, error: error.toWire() };
}

function stackOf(error: ProxyError): string {
  return error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause);
}
