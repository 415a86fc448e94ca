/**
 * The window without its pixels: the client, the stores and how events of the host flow into them. Everything a view or an
 * action needs hangs here; there is one per window.
 */
import { Client } from './bridge/client.ts';
import type { Link } from './bridge/link.ts';
import { createHostStore, type HostStore } from './store/host.ts';
import { Live } from './store/live.ts';
import { Logs } from './store/logs.ts';
import { History } from './store/history.ts';
import { Rows } from './store/rows.ts';
import { applyRuns } from './store/runs.ts';
import { Samples } from './store/samples.ts';
import { Traffic } from './store/traffic.ts';
import { createTransferStore, type TransferStore } from './store/transfer.ts';
import { createUiStore, type UiStore } from './store/ui.ts';

const SAMPLE_MS = 1_000;

export interface Model {
  readonly client: Client;
  readonly host: HostStore;
  readonly ui: UiStore;
  readonly transfer: TransferStore;
  readonly live: Live;
  readonly rows: Rows;
  readonly traffic: Traffic;
  readonly history: History;
  readonly samples: Samples;
  readonly logs: Logs;
}

export function createModel(link: Link): Model {
  const client = new Client(link);
  const host = createHostStore();
  const live = new Live();
  const model: Model = {
    client,
    host,
    live,
    ui: createUiStore(),
    transfer: createTransferStore(),
    rows: new Rows(live),
    traffic: new Traffic(),
    history: new History(),
    samples: new Samples(),
    logs: new Logs(),
  };
  client.listen('stats', (frame) => {
    live.apply(frame);
    model.samples.take(live);
  });
  client.listen('services', (services) => host.setState({ services }));
  client.listen('config', (config) => host.setState({ config }));
  client.listen('problems', (problems) => host.setState({ problems }));
  client.listen('runs', (runs) => applyRuns(model, runs));
  client.listen('log', (lines) => model.logs.add(lines));
  client.watch((status) => {
    host.setState({ link: status });
    if (status === 'open') void load(model);
  });
  watchVisibility(model);
  return model;
}

/** Asks for everything that events may have brought while nobody listened. Also the "Try again" of a failed start. */
export async function load(model: Model): Promise<void> {
  const { client, host } = model;
  const [info, schemas, config, services, problems, closed, lines, login] = await Promise.all([
    client.call('app.info', null),
    client.call('schema.get', null),
    client.call('config.get', null),
    client.call('services.list', null),
    client.call('problems.list', null),
    client.call('connections.recent', null),
    client.call('log.recent', { after: 0 }),
    client.call('login.get', null),
  ]);
  if (!info.ok || !schemas.ok || !config.ok || !services.ok || !problems.ok) {
    const failed = [info, schemas, config, services, problems].find((reply) => !reply.ok);
    host.setState({ failed: failed?.ok === false ? failed.error : null });
    return;
  }
  const restarted = host.getState().info?.startedAt !== info.value.startedAt;
  if (restarted) model.logs.clear();
  if (closed.ok) model.live.adoptClosed(closed.value);
  if (lines.ok) model.logs.add(lines.value);
  host.setState({
    ready: true,
    failed: null,
    info: info.value,
    schemas: schemas.value,
    config: config.value,
    services: services.value,
    problems: problems.value,
    login: login.ok ? login.value : null,
  });
}

/** A window nobody sees gets no events and draws no samples; it catches up when it is seen again. */
function watchVisibility(model: Model): void {
  let timer = 0;
  const start = (): void => {
    clearInterval(timer);
    timer = window.setInterval(() => {
      model.history.sample(model.live);
      model.traffic.sample(model.live, Date.now());
    }, SAMPLE_MS);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      clearInterval(timer);
      model.client.pause();
      model.traffic.gap(Date.now());
    } else {
      model.client.resume();
      if (model.host.getState().ready) void load(model);
      start();
    }
  });
  if (document.hidden) model.client.pause();
  else start();
}
