/**
 * Client programs against Sockeye's own services: which protocol of ours each of them was seen to use. One Sockeye process
 * per row carries all services. Longer than most files because a client's cells are read side by side.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { defineTable, type Cell, type Row, type Setup } from './matrix.ts';
import { curl, nc, proxychains, torResolve, type ChainedProxy } from './peers/clients.ts';
import { echoed, echoedDatagrams } from './peers/exchange.ts';
import { startGost2, startGost3, type Gost } from './peers/gost.ts';
import { pysocks, type PysocksOptions } from './peers/pysocks.ts';
import { freePort, type Peer } from './peers/ready.ts';
import { nextBytes, socksBind, socksTunnel, socksUdp, type SocksTarget } from './peers/socks-client.ts';
import { startSockeye, type SockeyeService } from './peers/sockeye.ts';
import {
  LOGIN,
  NAME,
  assertSame,
  NAME_QUERY,
  URL_LOGIN,
  newKeeper,
  startTargets,
  type Targets,
} from './stage.ts';

const COLUMNS = [
  'SOCKS4',
  'SOCKS4a',
  'SOCKS5 IPv4',
  'SOCKS5 IPv6',
  'SOCKS5 name',
  'SOCKS5 password',
  'SOCKS5 wrong password',
  'HTTP CONNECT',
  'HTTP forward',
  'HTTP password',
  'HTTP wrong password',
  'auto',
  'SOCKS4 BIND',
  'SOCKS5 BIND',
  'UDP ASSOCIATE',
  'RESOLVE',
] as const;

/** Our services, in the order of SERVICE_URLS. */
interface Services {
  readonly socks4: SockeyeService;
  readonly socks5: SockeyeService;
  readonly socks5Login: SockeyeService;
  readonly http: SockeyeService;
  readonly httpLogin: SockeyeService;
  readonly auto: SockeyeService;
}

interface Stage extends Setup, Services {
  readonly targets: Targets;
}

const SERVICE_URLS = [
  `socks4://127.0.0.1:0?bind=true&${NAME_QUERY}`,
  `socks5://127.0.0.1:0?notls=true&udp=true&bind=true&tor=true&${NAME_QUERY}`,
  `socks5://${URL_LOGIN}@127.0.0.1:0?notls=true`,
  'http://127.0.0.1:0',
  `http://${URL_LOGIN}@127.0.0.1:0`,
  `auto://127.0.0.1:0?notls=true&udp=true&bind=true&${NAME_QUERY}`,
];

async function startStage(): Promise<Stage> {
  const keeper = newKeeper();
  const targets = await startTargets(keeper);
  const { services } = await keeper.keep(startSockeye(SERVICE_URLS.flatMap((url) => ['-L', url])));
  const [socks4, socks5, socks5Login, http, httpLogin, auto] = services;
  if (!socks4 || !socks5 || !socks5Login || !http || !httpLogin || !auto)
    throw new Error('Sockeye listens on too few addresses');
  return { targets, socks4, socks5, socks5Login, http, httpLogin, auto, stop: keeper.stop };
}

type StageCell = Cell<Stage>;

// ---- curl

/** Fetches a page with the given proxy arguments and expects it. */
async function fetchPage({ targets }: Stage, args: readonly string[], host = '127.0.0.1'): Promise<void> {
  const before = targets.http.accepted();
  const { code, stdout, stderr } = await curl([...args, `http://${host}:${targets.http.port}/page`]);
  assert.equal(stdout.toString(), '/page', `curl ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
  assert.equal(targets.http.accepted(), before + 1);
}

/** Expects curl to fail without the target having seen anything. */
async function fetchRefused({ targets }: Stage, args: readonly string[]): Promise<void> {
  const before = targets.http.accepted();
  const { stdout } = await curl(['-f', ...args, `http://127.0.0.1:${targets.http.port}/page`]);
  assert.equal(stdout.toString(), '');
  assert.equal(targets.http.accepted(), before);
}

// curl decodes what --proxy-user gets
const login = ['--proxy-user', URL_LOGIN];
const wrongLogin = ['--proxy-user', `${LOGIN.user}:wrong`];

const curlRow: Row<Stage> = {
  title: 'curl',
  command:
    'curl --socks4|--socks4a|--socks5|--socks5-hostname|-x [-p] PROXY [--proxy-user USER:PASSWORD] URL',
  needs: ['curl'],
  start: startStage,
  cells: {
    SOCKS4: (stage) => fetchPage(stage, ['--socks4', stage.socks4.address]),
    SOCKS4a: (stage) => fetchPage(stage, ['--socks4a', stage.socks4.address], NAME),
    'SOCKS5 IPv4': (stage) => fetchPage(stage, ['--socks5', stage.socks5.address]),
    'SOCKS5 IPv6': (stage) => fetchPage(stage, ['--socks5', stage.socks5.address], '[::1]'),
    'SOCKS5 name': (stage) => fetchPage(stage, ['--socks5-hostname', stage.socks5.address], NAME),
    'SOCKS5 password': (stage) => fetchPage(stage, ['--socks5', stage.socks5Login.address, ...login]),
    'SOCKS5 wrong password': async (stage) => {
      await fetchRefused(stage, ['--socks5', stage.socks5Login.address, ...wrongLogin]);
      await fetchRefused(stage, ['--socks5', stage.socks5Login.address]);
    },
    'HTTP CONNECT': (stage) => fetchPage(stage, ['-p', '-x', `http://${stage.http.address}`]),
    'HTTP forward': (stage) => fetchPage(stage, ['-x', `http://${stage.http.address}`]),
    'HTTP password': async (stage) => {
      await fetchPage(stage, ['-p', '-x', `http://${stage.httpLogin.address}`, ...login]);
      await fetchPage(stage, ['-x', `http://${stage.httpLogin.address}`, ...login]);
    },
    'HTTP wrong password': async (stage) => {
      await fetchRefused(stage, ['-p', '-x', `http://${stage.httpLogin.address}`, ...wrongLogin]);
      await fetchRefused(stage, ['-x', `http://${stage.httpLogin.address}`]);
    },
    auto: async (stage) => {
      for (const flag of ['--socks4', '--socks4a', '--socks5', '--socks5-hostname', '-x'])
        await fetchPage(stage, [flag, stage.auto.address]);
    },
    'SOCKS4 BIND': { cannot: 'curl only connects' },
    'SOCKS5 BIND': { cannot: 'curl only connects' },
    'UDP ASSOCIATE': { cannot: 'curl sends no UDP through a proxy' },
  },
};

/** curl through two of our services, the first one found by --preproxy. */
const preproxyRow: Row<Stage> = {
  title: 'curl --preproxy',
  command: 'curl --preproxy socks4://|socks4a://|socks5://|socks5h://PROXY -x http://PROXY URL',
  needs: ['curl'],
  start: startStage,
  cells: {
    SOCKS4: (stage) => preproxied(stage, `socks4://${stage.socks4.address}`),
    SOCKS4a: (stage) => preproxied(stage, `socks4a://${stage.socks4.address}`),
    'SOCKS5 IPv4': (stage) => preproxied(stage, `socks5://${stage.socks5.address}`),
    'SOCKS5 name': (stage) => preproxied(stage, `socks5h://${stage.socks5.address}`),
    'SOCKS5 password': (stage) => preproxied(stage, `socks5h://${URL_LOGIN}@${stage.socks5Login.address}`),
    auto: (stage) => preproxied(stage, `socks5h://${stage.auto.address}`),
  },
};

function preproxied(stage: Stage, preproxy: string): Promise<void> {
  return fetchPage(stage, ['--preproxy', preproxy, '-x', `http://${stage.http.address}`]);
}

// ---- PySocks

type PythonAsk = Pick<PysocksOptions, 'kind' | 'proxy'> & Partial<PysocksOptions>;

async function pythonEcho({ targets }: Stage, ask: PythonAsk): Promise<void> {
  const payloads = [randomBytes(100), randomBytes(50_000)];
  const [reply] = await pysocks({
    mode: 'tcp',
    host: '127.0.0.1',
    port: targets.echo.port,
    payloads,
    ...ask,
  });
  assertSame([reply ?? Buffer.alloc(0)], [Buffer.concat(payloads)]);
}

const pysocksRow: Row<Stage> = {
  title: 'PySocks',
  command: 'python3 interop/peers/pysocks.py (set_proxy, connect / sendto)',
  needs: ['pysocks'],
  start: startStage,
  cells: {
    SOCKS4: (stage) => pythonEcho(stage, { kind: 'SOCKS4', proxy: stage.socks4, remoteNames: false }),
    SOCKS4a: (stage) => pythonEcho(stage, { kind: 'SOCKS4', proxy: stage.socks4, host: NAME }),
    'SOCKS5 IPv4': (stage) => pythonEcho(stage, { kind: 'SOCKS5', proxy: stage.socks5 }),
    'SOCKS5 IPv6': (stage) => pythonEcho(stage, { kind: 'SOCKS5', proxy: stage.socks5, host: '::1' }),
    'SOCKS5 name': (stage) => pythonEcho(stage, { kind: 'SOCKS5', proxy: stage.socks5, host: NAME }),
    'SOCKS5 password': (stage) => pythonEcho(stage, { kind: 'SOCKS5', proxy: stage.socks5Login, ...LOGIN }),
    'SOCKS5 wrong password': (stage) =>
      assert.rejects(
        pythonEcho(stage, { kind: 'SOCKS5', proxy: stage.socks5Login, user: LOGIN.user, password: 'wrong' }),
        /authentication failed/,
      ),
    'HTTP CONNECT': (stage) => pythonEcho(stage, { kind: 'HTTP', proxy: stage.http }),
    'HTTP forward': { cannot: 'PySocks always tunnels' },
    'HTTP password': (stage) => pythonEcho(stage, { kind: 'HTTP', proxy: stage.httpLogin, ...LOGIN }),
    auto: async (stage) => {
      for (const kind of ['SOCKS4', 'SOCKS5', 'HTTP'] as const)
        await pythonEcho(stage, { kind, proxy: stage.auto });
    },
    'SOCKS4 BIND': { cannot: 'PySocks has no bind' },
    'SOCKS5 BIND': { cannot: 'PySocks has no bind' },
    'UDP ASSOCIATE': async ({ targets, socks5 }) => {
      const payloads = [Buffer.from('1'), randomBytes(1400), randomBytes(9000)];
      const ask = { mode: 'udp', kind: 'SOCKS5', proxy: socks5, port: targets.udp.port, payloads } as const;
      for (const host of ['127.0.0.1', NAME]) assertSame(await pysocks({ ...ask, host }), payloads);
    },
  },
};

// ---- proxychains4

async function chainedPage(
  { targets }: Stage,
  proxies: readonly ChainedProxy[],
  host = '127.0.0.1',
): Promise<void> {
  const { stdout, stderr } = await proxychains(proxies, 'curl', [
    '-q',
    '-sS',
    `http://${host}:${targets.http.port}/page`,
  ]);
  assert.equal(stdout.toString(), '/page', stderr);
}

const one = (kind: ChainedProxy['kind'], { host, port }: SockeyeService): ChainedProxy => ({
  kind,
  host,
  port,
});

const proxychainsRow: Row<Stage> = {
  title: 'proxychains4',
  command: 'proxychains4 -q -f CONF curl URL',
  needs: ['proxychains4', 'curl'],
  start: startStage,
  cells: {
    SOCKS4: (stage) => chainedPage(stage, [one('socks4', stage.socks4)]),
    SOCKS4a: (stage) => chainedPage(stage, [one('socks4', stage.socks4)], NAME),
    'SOCKS5 IPv4': (stage) => chainedPage(stage, [one('socks5', stage.socks5)]),
    'SOCKS5 IPv6': (stage) => chainedPage(stage, [one('socks5', stage.socks5)], '[::1]'),
    'SOCKS5 name': (stage) => chainedPage(stage, [one('socks5', stage.socks5)], NAME),
    'SOCKS5 password': (stage) => chainedPage(stage, [{ ...one('socks5', stage.socks5Login), ...LOGIN }]),
    'SOCKS5 wrong password': async (stage) => {
      const proxy = { ...one('socks5', stage.socks5Login), user: LOGIN.user, password: 'wrong' };
      const before = stage.targets.http.accepted();
      const { stdout } = await proxychains([proxy], 'curl', [
        '-q',
        '-sS',
        `http://127.0.0.1:${stage.targets.http.port}/page`,
      ]);
      assert.equal(stdout.toString(), '');
      assert.equal(stage.targets.http.accepted(), before);
    },
    'HTTP CONNECT': (stage) => chainedPage(stage, [one('http', stage.http)]),
    'HTTP forward': { cannot: 'proxychains always tunnels' },
    'HTTP password': (stage) => chainedPage(stage, [{ ...one('http', stage.httpLogin), ...LOGIN }]),
    auto: (stage) =>
      chainedPage(stage, [one('socks5', stage.auto), one('socks4', stage.auto), one('http', stage.auto)]),
    'SOCKS4 BIND': { cannot: 'proxychains only connects' },
    'SOCKS5 BIND': { cannot: 'proxychains only connects' },
    'UDP ASSOCIATE': { cannot: 'proxychains carries TCP only' },
  },
};

// ---- npm socks

type NpmAsk = Pick<SocksTarget, 'kind' | 'proxy'> & Partial<SocksTarget>;

async function npmEcho({ targets }: Stage, ask: NpmAsk): Promise<void> {
  const tunnel = await socksTunnel({ host: '127.0.0.1', port: targets.echo.port, ...ask });
  const sent = randomBytes(50_000);
  tunnel.end(sent);
  assertSame([Buffer.concat(await tunnel.toArray())], [sent]);
}

async function npmBind(ask: NpmAsk): Promise<void> {
  const { bound, accepted } = await socksBind({ host: '127.0.0.1', port: 0, ...ask });
  const caller = connect(bound.port, '127.0.0.1');
  const tunnel = await accepted;
  caller.write('from outside');
  assert.equal((await nextBytes(tunnel)).toString(), 'from outside');
  const answered: Promise<unknown[]> = once(caller, 'data');
  tunnel.end('from inside');
  const [answer] = await answered;
  assert.equal(String(answer), 'from inside');
  caller.destroy();
  tunnel.destroy();
}

const npmRow: Row<Stage> = {
  title: 'npm socks',
  command: 'SocksClient.createConnection / bind / associate',
  needs: [],
  start: startStage,
  cells: {
    SOCKS4: (stage) => npmEcho(stage, { kind: 4, proxy: stage.socks4 }),
    SOCKS4a: (stage) => npmEcho(stage, { kind: 4, proxy: stage.socks4, host: NAME }),
    'SOCKS5 IPv4': (stage) => npmEcho(stage, { kind: 5, proxy: stage.socks5 }),
    'SOCKS5 IPv6': (stage) => npmEcho(stage, { kind: 5, proxy: stage.socks5, host: '::1' }),
    'SOCKS5 name': (stage) => npmEcho(stage, { kind: 5, proxy: stage.socks5, host: NAME }),
    'SOCKS5 password': (stage) => npmEcho(stage, { kind: 5, proxy: stage.socks5Login, ...LOGIN }),
    'SOCKS5 wrong password': (stage) =>
      assert.rejects(
        npmEcho(stage, { kind: 5, proxy: stage.socks5Login, user: LOGIN.user, password: 'wrong' }),
        /Authentication failed/,
      ),
    'HTTP CONNECT': { cannot: 'the package speaks SOCKS only' },
    'HTTP forward': { cannot: 'the package speaks SOCKS only' },
    'HTTP password': { cannot: 'the package speaks SOCKS only' },
    auto: async (stage) => {
      for (const kind of [4, 5] as const) await npmEcho(stage, { kind, proxy: stage.auto });
    },
    'SOCKS4 BIND': (stage) => npmBind({ kind: 4, proxy: stage.socks4 }),
    'SOCKS5 BIND': (stage) => npmBind({ kind: 5, proxy: stage.socks5 }),
    'UDP ASSOCIATE': async ({ targets, socks5 }) => {
      const payloads = [Buffer.from('1'), randomBytes(1400), randomBytes(9000)];
      for (const host of ['127.0.0.1', NAME]) {
        assertSame(
          await socksUdp({ kind: 5, proxy: socks5, host, port: targets.udp.port }, payloads),
          payloads,
        );
      }
    },
  },
};

// ---- nc

async function piped(
  { targets }: Stage,
  kind: '4' | '5' | 'connect',
  { address }: SockeyeService,
  host = '127.0.0.1',
): Promise<void> {
  const input = randomBytes(20_000);
  const { stdout, stderr } = await nc({
    kind,
    proxy: address,
    host,
    port: targets.echo.port,
    input,
    halfClose: true,
  });
  assert.equal(stderr, '');
  assertSame([stdout], [input]);
}

const ncRow: Row<Stage> = {
  title: 'nc -X',
  command: 'nc -N -X 4|5|connect -x PROXY HOST PORT',
  needs: ['nc'],
  start: startStage,
  cells: {
    SOCKS4: (stage) => piped(stage, '4', stage.socks4),
    SOCKS4a: { cannot: 'nc has no SOCKS4a' },
    'SOCKS5 IPv4': (stage) => piped(stage, '5', stage.socks5),
    'SOCKS5 IPv6': (stage) => piped(stage, '5', stage.socks5, '::1'),
    'SOCKS5 name': (stage) => piped(stage, '5', stage.socks5, NAME),
    'SOCKS5 password': { cannot: 'nc has no SOCKS5 password' },
    'HTTP CONNECT': (stage) => piped(stage, 'connect', stage.http),
    'HTTP forward': { cannot: 'nc always tunnels' },
    'HTTP password': { cannot: 'nc asks for it on a terminal' },
    auto: async (stage) => {
      for (const kind of ['4', '5', 'connect'] as const) await piped(stage, kind, stage.auto);
    },
    'SOCKS4 BIND': { cannot: 'nc only connects through a proxy' },
    'SOCKS5 BIND': { cannot: 'nc only connects through a proxy' },
    'UDP ASSOCIATE': { cannot: 'nc sends no UDP through a proxy' },
  },
};

// ---- tor-resolve

const torRow: Row<Stage> = {
  title: 'tor-resolve',
  command: 'tor-resolve [-x] NAME|ADDRESS PROXY',
  needs: ['tor-resolve'],
  start: startStage,
  cells: {
    RESOLVE: async ({ socks5 }) => {
      const name = await torResolve([NAME, socks5.address]);
      assert.deepEqual([name.code, name.stdout.toString().trim()], [0, '127.0.0.1']);
      const nobody = await torResolve(['nobody.invalid', socks5.address]);
      assert.notEqual(nobody.code, 0);
      assert.match(nobody.stderr, /status response '4': host is unreachable/);
    },
  },
};

// ---- GOST as a client, TLS negotiation off

type StartGost = (args: readonly string[]) => Promise<Gost>;

async function withGost(
  start: StartGost,
  args: readonly string[],
  use: (gost: Gost) => Promise<void>,
): Promise<void> {
  const gost = await start(args);
  try {
    await use(gost);
  } catch (error) {
    throw new Error(`${String(error)}\n${gost.log()}`, { cause: error });
  } finally {
    await gost.stop();
  }
}

/** An echo through a GOST forwarder whose one hop is `node`. */
function forwarded(start: StartGost, { targets }: Stage, node: string, host = '127.0.0.1'): Promise<void> {
  return withGost(
    start,
    ['-L', `tcp://127.0.0.1:0/${host}:${targets.echo.port}`, '-F', node],
    async (gost) => {
      const sent = randomBytes(20_000);
      assertSame([await echoed(gost, sent)], [sent]);
    },
  );
}

function gostRow(name: 'gost3' | 'gost2', start: StartGost): Row<Stage> {
  const socks5 = (proxy: Peer | SockeyeService, login = ''): string =>
    `socks5://${login}${proxy.address}?notls=true`;
  const v2Binds: StageCell = async ({ targets, socks5: proxy }) => {
    const port = await freePort(); // v2 does not say which port it got
    await withGost(
      start,
      ['-L', `rtcp://127.0.0.1:${port}/127.0.0.1:${targets.echo.port}`, '-F', socks5(proxy)],
      async () => {
        const sent = randomBytes(1000);
        assertSame([await echoed({ host: '127.0.0.1', port }, sent, { waitUntilOpen: true })], [sent]);
      },
    );
  };
  return {
    title: `${name} as client`,
    command: `${name === 'gost3' ? 'GOST v3' : 'GOST v2'}: gost -L tcp://:0/TARGET -F SCHEME://PROXY?notls=true`,
    needs: [name],
    start: startStage,
    cells: {
      SOCKS4: (stage) => forwarded(start, stage, `socks4://${stage.socks4.address}`),
      SOCKS4a: (stage) => forwarded(start, stage, `socks4a://${stage.socks4.address}`, NAME),
      'SOCKS5 IPv4': (stage) => forwarded(start, stage, socks5(stage.socks5)),
      'SOCKS5 IPv6': (stage) => forwarded(start, stage, socks5(stage.socks5), '[::1]'),
      'SOCKS5 name': (stage) => forwarded(start, stage, socks5(stage.socks5), NAME),
      'SOCKS5 password': (stage) => forwarded(start, stage, socks5(stage.socks5Login, `${URL_LOGIN}@`)),
      'SOCKS5 wrong password': (stage) =>
        assert.rejects(forwarded(start, stage, socks5(stage.socks5Login, `${LOGIN.user}:wrong@`))),
      'HTTP CONNECT': (stage) => forwarded(start, stage, `http://${stage.http.address}`),
      'HTTP forward': { cannot: 'GOST always tunnels' },
      'HTTP password': (stage) => forwarded(start, stage, `http://${URL_LOGIN}@${stage.httpLogin.address}`),
      'HTTP wrong password': (stage) =>
        assert.rejects(forwarded(start, stage, `http://${LOGIN.user}:wrong@${stage.httpLogin.address}`)),
      auto: async (stage) => {
        for (const node of [
          `socks4a://${stage.auto.address}`,
          socks5(stage.auto),
          `http://${stage.auto.address}`,
        ])
          await forwarded(start, stage, node);
      },
      'SOCKS4 BIND': { cannot: 'GOST has no SOCKS4 BIND' },
      'SOCKS5 BIND': name === 'gost2' ? v2Binds : { cannot: 'GOST v3 binds with its own command 0xF2 only' },
      'UDP ASSOCIATE':
        name === 'gost2'
          ? { cannot: 'GOST v2 sends UDP with its own command 0xF3 only' }
          : ({ targets, socks5: proxy }) =>
              withGost(
                start,
                [
                  '-L',
                  `udp://127.0.0.1:0/127.0.0.1:${targets.udp.port}?keepalive=true`,
                  '-F',
                  `${socks5(proxy)}&relay=udp`,
                ],
                async (gost) => {
                  const payloads = [Buffer.from('1'), randomBytes(1400)];
                  assertSame(await echoedDatagrams(gost, payloads), payloads);
                },
              ),
    },
  };
}

defineTable({
  title: 'Client programs and the services of Sockeye',
  columns: COLUMNS,
  rows: [
    curlRow,
    preproxyRow,
    pysocksRow,
    proxychainsRow,
    npmRow,
    ncRow,
    torRow,
    gostRow('gost3', startGost3),
    gostRow('gost2', startGost2),
  ],
});
