/**
 * Limits and lists, the same statements about real GOST v3 and about Sockeye: traffic, connections and requests, for everybody,
 * each connection and networks; users, rules, names and limits in files that change. What holds of one has to hold of the other.
 * Times are bounded from below by the rate and from above by what another reading of the rule would take.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineTable, type Cell, type Row, type Setup } from './matrix.ts';
import { startGost3 } from './peers/gost.ts';
import type { Peer } from './peers/ready.ts';
import { nextBytes } from './peers/socks-client.ts';
import { startSockeye } from './peers/sockeye.ts';
import { newKeeper, startTargets, type Keeper, type Targets } from './stage.ts';

const COLUMNS = [
  'bytes from the client',
  'bytes to the client',
  '$ is shared',
  '$$ is each connection',
  'a network is each address',
  'UDP port',
  'connections of all',
  'connections of each address',
  'requests per second',
  'limits in a file',
  'users in a file',
  'rules in a file',
  'names in a file',
  'admission in a file',
] as const;
type Column = (typeof COLUMNS)[number];

const KB = 1024;
const RATE = '200KB';
/** Beyond the burst of one second: half a second at the rate. */
const LOAD = 300 * KB;
const FAIR_MS = 450;

interface Stage extends Setup {
  readonly targets: Targets;
  readonly keeper: Keeper;
  /** Starts the program with this configuration: a service `s` on port 0, which this text ends, and what it refers to. */
  readonly serve: (service: string, objects: string) => Promise<Peer>;
  /** Writes a list file as editors do; its path. */
  readonly list: (name: string, text: string) => string;
}

const CHECKS: Readonly<Record<Column, (stage: Stage) => Promise<void>>> = {
  'bytes from the client': async (stage) => {
    const proxy = await stage.serve('limiter: l', `limiters: [{name: l, limits: ["$ ${RATE} 0B"]}]`);
    assert.ok((await carried(proxy, stage, 1)) >= FAIR_MS);
  },
  'bytes to the client': async (stage) => {
    const proxy = await stage.serve('limiter: l', `limiters: [{name: l, limits: ["$ 0B ${RATE}"]}]`);
    assert.ok((await carried(proxy, stage, 1)) >= FAIR_MS);
  },
  '$ is shared': async (stage) => {
    const proxy = await stage.serve('limiter: l', `limiters: [{name: l, limits: ["$ ${RATE}"]}]`);
    assert.ok((await carried(proxy, stage, 2)) >= 1800, '600 kB with 200 ahead at 200 kB/s');
  },
  '$$ is each connection': async (stage) => {
    const proxy = await stage.serve('limiter: l', `limiters: [{name: l, limits: ["$$ ${RATE}"]}]`);
    const ms = await carried(proxy, stage, 2);
    assert.ok(ms >= FAIR_MS && ms < 1800, `${ms} ms`);
  },
  'a network is each address': async (stage) => {
    const limits = `limiters: [{name: l, limits: ["127.0.0.0/8 ${RATE}"]}]`;
    const proxy = await stage.serve('limiter: l', limits);
    assert.ok((await carried(proxy, stage, 2)) >= 1800, 'two connections of one address');
    const ms = await carried(proxy, stage, 2, ['127.0.0.2', '127.0.0.3']);
    assert.ok(ms >= FAIR_MS && ms < 1800, `${ms} ms for two addresses`);
  },
  'UDP port': async (stage) => {
    const forward = `handler: {type: udp}, listener: {type: udp, metadata: {keepalive: true}}, forwarder: {nodes: [{name: t, addr: "127.0.0.1:${stage.targets.udp.port}"}]}, limiter: l`;
    const port = await stage.serve(forward, 'limiters: [{name: l, limits: ["$ 3000B 0B"]}]');
    const socket = createSocket('udp4');
    const sizes: number[] = [];
    socket.on('message', (data) => sizes.push(data.length));
    for (const size of [2000, 3001, 900, 900, 900]) socket.send(Buffer.alloc(size), port.port, port.host);
    await once(socket, 'message');
    await pause(150);
    const atOnce = sizes.reduce((sum, size) => sum + size, 0);
    assert.equal(sizes[0], 2000);
    assert.ok(atOnce <= 3000, `${atOnce} bytes with a burst of 3000`);
    await pause(1500);
    assert.ok(!sizes.includes(3001), 'what is larger than the burst never passes');
    socket.close();
  },
  'connections of all': async (stage) => {
    const proxy = await stage.serve('climiter: c', 'climiters: [{name: c, limits: ["$ 2"]}]');
    const [one, two] = [await opened(proxy, stage), await opened(proxy, stage, '127.0.0.2')];
    assert.equal(await opened(proxy, stage, '127.0.0.3'), null);
    one?.destroy();
    await eventually(async () => (await opened(proxy, stage)) !== null);
    two?.destroy();
  },
  'connections of each address': async (stage) => {
    const proxy = await stage.serve('climiter: c', 'climiters: [{name: c, limits: ["$$ 1", "127.0.0.9 2"]}]');
    const outcome: boolean[] = [];
    for (const from of ['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.9', '127.0.0.9', '127.0.0.9'])
      outcome.push((await opened(proxy, stage, from)) !== null);
    assert.deepEqual(outcome, [true, false, true, true, true, false]);
  },
  'requests per second': async (stage) => {
    const proxy = await stage.serve('rlimiter: r', 'rlimiters: [{name: r, limits: ["$$ 0.5"]}]');
    const outcome: boolean[] = [];
    for (const from of ['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.2'])
      outcome.push((await opened(proxy, stage, from)) !== null);
    assert.deepEqual(outcome, [true, false, true, false], 'a burst of one each');
    await pause(2100);
    assert.notEqual(await opened(proxy, stage), null);
  },
  'limits in a file': async (stage) => {
    const file = stage.list('limits', '# nobody\n');
    const proxy = await stage.serve(
      'rlimiter: r',
      `rlimiters: [{name: r, reload: 1s, file: {path: ${file}}}]`,
    );
    for (let count = 0; count < 4; count += 1) assert.notEqual(await opened(proxy, stage), null);
    stage.list('limits', '127.0.0.5 0.01 # one in a while\n');
    await eventually(async () => {
      const outcome = [await opened(proxy, stage, '127.0.0.5'), await opened(proxy, stage, '127.0.0.5')];
      return outcome.includes(null);
    });
    assert.notEqual(await opened(proxy, stage), null);
  },
  'users in a file': async (stage) => {
    const file = stage.list('users', '# users\nann  secret word\n');
    const proxy = await stage.serve('', `authers: [{name: a, reload: 1s, file: {path: ${file}}}]`);
    const signsIn = (user: string, password: string) => opened(proxy, stage, undefined, { user, password });
    assert.notEqual(await signsIn('ann', 'secret word'), null);
    assert.equal(await signsIn('ann', 'secret'), null);
    assert.equal(await signsIn('bob', 'b'), null);
    stage.list('users', 'bob b\n');
    await eventually(async () => (await signsIn('bob', 'b')) !== null);
    assert.equal(await signsIn('ann', 'secret word'), null, 'who is not listed any more is out');
  },
  'rules in a file': async (stage) => {
    const file = stage.list('rules', '192.0.2.0/24\n');
    const proxy = await stage.serve('bypass: b', `bypasses: [{name: b, reload: 1s, file: {path: ${file}}}]`);
    const kept = await opened(proxy, stage);
    assert.notEqual(kept, null);
    stage.list('rules', '127.0.0.1 # here\n');
    await eventually(async () => (await opened(proxy, stage)) === null);
    kept?.write('still open');
    if (kept !== null) assert.equal((await nextBytes(kept)).toString(), 'still open');
  },
  'names in a file': async (stage) => {
    const file = stage.list('names', '127.0.0.1 one.test two.test # both\n');
    const proxy = await stage.serve('hosts: h', `hosts: [{name: h, reload: 1s, file: {path: ${file}}}]`);
    for (const name of ['one.test', 'two.test']) {
      const socket = await opened(proxy, stage, undefined, undefined, name);
      assert.notEqual(socket, null, name);
      socket?.destroy();
    }
    stage.list('names', '127.0.0.1 three.test\n');
    await eventually(async () => (await opened(proxy, stage, undefined, undefined, 'three.test')) !== null);
  },
  'admission in a file': async (stage) => {
    const file = stage.list('admission', '127.0.0.1\n');
    const list = `admissions: [{name: a, whitelist: true, reload: 1s, file: {path: ${file}}}]`;
    const proxy = await stage.serve('admission: a', list);
    assert.notEqual(await opened(proxy, stage), null);
    assert.equal(await opened(proxy, stage, '127.0.0.2'), null);
    stage.list('admission', '127.0.0.0/8\n');
    await eventually(async () => (await opened(proxy, stage, '127.0.0.2')) !== null);
  },
};

// ---- a client of one address

/** A tunnel to the echo target, or null when it was refused in whatever way. */
async function opened(
  proxy: Peer,
  { targets, keeper }: Stage,
  localAddress = '127.0.0.1',
  login?: { user: string; password: string },
  name?: string,
): Promise<Socket | null> {
  const socket = connect({ host: proxy.host, port: proxy.port, localAddress });
  const stop = (): Promise<void> => {
    socket.destroy();
    return Promise.resolve();
  };
  await keeper.keep(Promise.resolve({ stop }));
  const ended = new Promise<null>((resolve) => socket.once('close', () => resolve(null)));
  socket.on('error', () => undefined);
  const hear = (): Promise<Buffer | null> => {
    const data = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    return Promise.race([data, ended]);
  };
  const methods = login === undefined ? [0] : [2];
  socket.write(Buffer.from([5, 1, ...methods]));
  const method = await hear();
  if (method?.[1] !== methods[0]) return refused(socket);
  if (login !== undefined) {
    const [user, password] = [Buffer.from(login.user), Buffer.from(login.password)];
    socket.write(Buffer.concat([Buffer.of(1, user.length), user, Buffer.of(password.length), password]));
    if ((await hear())?.[1] !== 0) return refused(socket);
  }
  const port = Buffer.of(targets.echo.port >> 8, targets.echo.port & 255);
  const host =
    name === undefined
      ? Buffer.of(1, 127, 0, 0, 1)
      : Buffer.concat([Buffer.of(3, name.length), Buffer.from(name)]);
  socket.write(Buffer.concat([Buffer.of(5, 1, 0), host, port]));
  const reply = await hear();
  if (reply?.[1] !== 0) return refused(socket);
  socket.pause();
  return socket;
}

function refused(socket: Socket): null {
  socket.destroy();
  return null;
}

/** Sends LOAD bytes over each of `count` tunnels to the echo; milliseconds until all of it was back. */
async function carried(
  proxy: Peer,
  stage: Stage,
  count: number,
  from: readonly string[] = [],
): Promise<number> {
  const sockets: Socket[] = [];
  for (let at = 0; at < count; at += 1) {
    const socket = await opened(proxy, stage, from[at]);
    assert.ok(socket !== null);
    sockets.push(socket);
  }
  const started = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      let missing = LOAD;
      const all = new Promise<void>((resolve) => {
        socket.on('data', (data: Buffer) => {
          missing -= data.length;
          if (missing <= 0) resolve();
        });
      });
      socket.resume();
      socket.write(Buffer.alloc(LOAD));
      await all;
      socket.destroy();
    }),
  );
  return performance.now() - started;
}

async function eventually(done: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 10_000;
  while (!(await done())) {
    assert.ok(performance.now() < until, 'it did not come about within 10 s');
    await pause(100);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// ---- the rows

type Start = (file: string) => Promise<Peer>;

async function stageOf(start: Start): Promise<Stage> {
  const keeper = newKeeper();
  const folder = mkdtempSync(join(tmpdir(), 'sockeye-limits-'));
  const targets = await startTargets(keeper);
  const list = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
    return path;
  };
  return {
    targets,
    keeper,
    list,
    serve: (service, objects) => {
      const auth = objects.startsWith('authers') ? ', auther: a' : '';
      const own = service.startsWith('handler')
        ? service
        : `handler: {type: socks5${auth}}, listener: {type: tcp}${service === '' ? '' : `, ${service}`}`;
      const text = `services:\n- {name: s, addr: "127.0.0.1:0", ${own}}\n${objects}\nlog: {level: error}\n`;
      return keeper.keep(start(list('gost.yml', text)));
    },
    stop: async () => {
      await keeper.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

const ENDS = {
  cannot:
    'the service of GOST ends when a connection is refused by climiter (x v0.13.18, service/service.go)',
} as const;

function row(
  title: string,
  command: string,
  needs: Row<Stage>['needs'],
  start: Start,
  cannot: Partial<Record<Column, Cell<Stage>>> = {},
): Row<Stage> {
  const cell = (column: Column): Cell<Stage> => cannot[column] ?? ((stage) => CHECKS[column](stage));
  return {
    title,
    command,
    needs,
    start: () => stageOf(start),
    cells: Object.fromEntries(COLUMNS.map((column) => [column, cell(column)])),
  };
}

defineTable({
  title: 'Limits and lists',
  columns: COLUMNS,
  rows: [
    row('Sockeye', 'sockeye -C', [], (file) => startSockeye(['-C', file, '--log', 'info'], { services: 1 })),
    row('GOST v3', 'gost -C', ['gost3'], (file) => startGost3(['-C', file]), {
      'connections of all': ENDS,
      'connections of each address': ENDS,
    }),
  ],
});
