/**
 * The peers against each other, without Sockeye: what is checked here is known good before Sockeye meets it. Also records
 * what a peer can not do, so that the matrix does not blame Sockeye for it. Long because it is a list, one block per peer skill.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { PeerName } from '../../scripts/peers/list.mjs';
import { requirePeer } from '../skip.ts';
import { bulkDigest, download, startBulk, upload } from './bulk.ts';
import { curl, iperf3, nc, proxychains, startIperf3Server } from './clients.ts';
import { echoed } from './exchange.ts';
import { startDanted } from './danted.ts';
import { startGost2, startGost3 } from './gost.ts';
import { startMicrosocks } from './microsocks.ts';
import { pysocks } from './pysocks.ts';
import type { Peer } from './ready.ts';
import { nextBytes, socksBind, socksTunnel, socksUdp } from './socks-client.ts';
import { startSshDynamic } from './ssh.ts';
import {
  BANNER,
  digestLine,
  startBanner,
  startDigestAfterEnd,
  startHttp,
  startTcpEcho,
  startUdpEcho,
  type Target,
} from './targets.ts';

const LOGIN = { user: 'ann', password: 'se cret:1' };
const URL_LOGIN = `${LOGIN.user}:${encodeURIComponent(LOGIN.password)}`;

/** Starts a peer that ends with the test. */
async function kept<T extends { readonly stop: () => Promise<void> }>(
  t: TestContext,
  starting: Promise<T>,
): Promise<T> {
  const peer = await starting;
  t.after(() => peer.stop());
  return peer;
}

/** These end both directions at the first end, so that nothing after it comes back: "peer can not" in the matrix. */
const ENDS_BOTH_AT_FIRST_END = new Set(['microsocks', 'gost2']);

/** No cell takes longer unless something hangs. */
const LIMIT = { timeout: 30_000 };

interface Server {
  readonly name: string;
  readonly needs: readonly PeerName[];
  readonly start: () => Promise<Peer>;
}

const SOCKS_SERVERS: readonly Server[] = [
  { name: 'danted', needs: ['danted'], start: () => startDanted() },
  { name: 'microsocks', needs: ['microsocks'], start: () => startMicrosocks() },
  { name: 'ssh -D', needs: ['sshd', 'ssh', 'ssh-keygen'], start: () => startSshDynamic() },
  { name: 'gost3', needs: ['gost3'], start: () => startGost3(['-L', 'socks5://127.0.0.1:0?notls=true']) },
  { name: 'gost2', needs: ['gost2'], start: () => startGost2(['-L', 'socks5://127.0.0.1:0?notls=true']) },
];

describe('targets', () => {
  let echo: Target;
  before(async () => {
    echo = await startTcpEcho();
  });
  after(() => echo.stop());

  test('the echo listens on both families with one port', LIMIT, async (t) => {
    if (!requirePeer(t, 'gost3')) return;
    for (const host of ['127.0.0.1', '::1']) {
      const gost = await kept(t, startGost3(['-L', 'socks5://127.0.0.1:0?notls=true']));
      const socket = await socksTunnel({ kind: 5, proxy: gost, host, port: echo.port });
      socket.end('both');
      assert.equal(Buffer.concat(await socket.toArray()).toString(), 'both');
    }
  });
});

describe('SOCKS servers serve curl, nc, PySocks, proxychains and npm socks', () => {
  for (const server of SOCKS_SERVERS) {
    describe(server.name, () => {
      test('curl by address and by name', LIMIT, async (t) => {
        if (!requirePeer(t, 'curl', ...server.needs)) return;
        const proxy = await kept(t, server.start());
        const http = await kept(t, startHttp());
        for (const [flag, host] of [
          ['--socks5', '127.0.0.1'],
          ['--socks5-hostname', 'localhost'],
        ] as const) {
          const { code, stdout, stderr } = await curl([
            flag,
            proxy.address,
            `http://${host}:${http.port}/hello`,
          ]);
          assert.equal(code, 0, `${flag}: ${stderr}\n${proxy.log()}`);
          assert.equal(stdout.toString(), '/hello');
        }
      });

      test('PySocks, proxychains and nc', LIMIT, async (t) => {
        if (!requirePeer(t, 'pysocks', 'proxychains4', 'nc', 'curl', ...server.needs)) return;
        const proxy = await kept(t, server.start());
        const http = await kept(t, startHttp());
        const echo = await kept(t, startTcpEcho());
        const payloads = [randomBytes(3000)];
        const ask = {
          mode: 'tcp',
          kind: 'SOCKS5',
          proxy,
          host: '127.0.0.1',
          port: echo.port,
          payloads,
        } as const;
        assert.deepEqual(await pysocks(ask), payloads);
        const chained = await proxychains([{ kind: 'socks5', ...proxy }], 'curl', [
          '-sS',
          `http://127.0.0.1:${http.port}/chained`,
        ]);
        assert.equal(chained.stdout.toString(), '/chained', chained.stderr);
        const piped = await nc({
          kind: '5',
          proxy: proxy.address,
          host: '127.0.0.1',
          port: http.port,
          input: 'GET /nc HTTP/1.0\r\n\r\n',
        });
        assert.match(piped.stdout.toString(), /\/nc$/, piped.stderr);
      });

      test('bulk both ways has the right digest', LIMIT, async (t) => {
        if (!requirePeer(t, ...server.needs)) return;
        const proxy = await kept(t, server.start());
        const bulk = await kept(t, startBulk());
        const count = 1_000_003;
        const down = await socksTunnel({ kind: 5, proxy, host: bulk.host, port: bulk.port });
        assert.equal(await download(down, count), bulkDigest(count));
        const up = await socksTunnel({ kind: 5, proxy, host: bulk.host, port: bulk.port });
        assert.equal(await upload(up, count), bulkDigest(count));
      });

      test('a server that speaks first is heard', LIMIT, async (t) => {
        if (!requirePeer(t, ...server.needs)) return;
        const proxy = await kept(t, server.start());
        const banner = await kept(t, startBanner());
        const socket = await socksTunnel({ kind: 5, proxy, host: '127.0.0.1', port: banner.port });
        assert.equal(String(await nextBytes(socket)), BANNER);
        socket.destroy();
      });

      test('half-close reaches the target and its answer comes back', LIMIT, async (t) => {
        if (!requirePeer(t, ...server.needs)) return;
        const proxy = await kept(t, server.start());
        const target = await kept(t, startDigestAfterEnd());
        const sent = randomBytes(100_000);
        const socket = await socksTunnel({ kind: 5, proxy, host: '127.0.0.1', port: target.port });
        socket.end(sent);
        const answer = Buffer.concat(await socket.toArray()).toString();
        assert.equal(answer, ENDS_BOTH_AT_FIRST_END.has(server.name) ? '' : digestLine(sent));
      });
    });
  }
});

describe('passwords', () => {
  const servers: readonly Server[] = [
    { name: 'microsocks', needs: ['microsocks'], start: () => startMicrosocks(LOGIN) },
    {
      name: 'gost3',
      needs: ['gost3'],
      start: () => startGost3(['-L', `socks5://${URL_LOGIN}@127.0.0.1:0?notls=true`]),
    },
    {
      name: 'gost2',
      needs: ['gost2'],
      start: () => startGost2(['-L', `socks5://${URL_LOGIN}@127.0.0.1:0?notls=true`]),
    },
  ];
  for (const server of servers) {
    test(`${server.name} takes the right one and refuses the wrong one`, LIMIT, async (t) => {
      if (!requirePeer(t, 'curl', ...server.needs)) return;
      const proxy = await kept(t, server.start());
      const http = await kept(t, startHttp());
      const url = `http://127.0.0.1:${http.port}/in`;
      const right = await curl([
        '--socks5',
        proxy.address,
        '--proxy-user',
        `${LOGIN.user}:${LOGIN.password}`,
        url,
      ]);
      assert.equal(right.stdout.toString(), '/in', right.stderr);
      const wrong = await curl(['--socks5', proxy.address, '--proxy-user', 'ann:wrong', url]);
      assert.notEqual(wrong.code, 0);
      assert.equal(http.accepted(), 1);
    });
  }
});

describe('UDP ASSOCIATE', () => {
  const servers: readonly Server[] = [
    { name: 'danted', needs: ['danted'], start: () => startDanted() },
    {
      name: 'gost3',
      needs: ['gost3'],
      start: () => startGost3(['-L', 'socks5://127.0.0.1:0?notls=true&udp=true']),
    },
    { name: 'gost2', needs: ['gost2'], start: () => startGost2(['-L', 'socks5://127.0.0.1:0?notls=true']) },
  ];
  for (const server of servers) {
    test(`${server.name} relays datagrams of PySocks and npm socks`, LIMIT, async (t) => {
      if (!requirePeer(t, 'pysocks', ...server.needs)) return;
      const proxy = await kept(t, server.start());
      const echo = await kept(t, startUdpEcho());
      const payloads = [Buffer.from('a'), randomBytes(1400)];
      const ask = {
        mode: 'udp',
        kind: 'SOCKS5',
        proxy,
        host: '127.0.0.1',
        port: echo.port,
        payloads,
      } as const;
      assert.deepEqual(await pysocks(ask), payloads);
      assert.deepEqual(
        await socksUdp({ kind: 5, proxy, host: '127.0.0.1', port: echo.port }, payloads),
        payloads,
      );
    });
  }
});

describe('BIND', () => {
  const servers: readonly (Server & { readonly kind: 4 | 5 })[] = [
    { name: 'danted', kind: 5, needs: ['danted'], start: () => startDanted() },
    { name: 'danted', kind: 4, needs: ['danted'], start: () => startDanted() },
    {
      name: 'gost3',
      kind: 5,
      needs: ['gost3'],
      start: () => startGost3(['-L', 'socks5://127.0.0.1:0?notls=true&bind=true']),
    },
    {
      name: 'gost2',
      kind: 5,
      needs: ['gost2'],
      start: () => startGost2(['-L', 'socks5://127.0.0.1:0?notls=true']),
    },
  ];
  for (const { name, kind, needs, start } of servers) {
    test(`${name} accepts for npm socks ${kind}`, LIMIT, async (t) => {
      if (!requirePeer(t, ...needs)) return;
      const proxy = await kept(t, start());
      // GOST binds the address it is asked for, dante takes it for the expected peer: 127.0.0.1 suits both, port 0 GOST only
      const port = name === 'danted' ? 1 : 0;
      const { bound, accepted } = await socksBind({ kind, proxy, host: '127.0.0.1', port });
      const caller = connect(bound.port, '127.0.0.1');
      const tunnel = await accepted;
      caller.end('from outside');
      assert.equal(String(await nextBytes(tunnel)), 'from outside');
      tunnel.destroy();
      caller.destroy();
    });
  }
});

describe('other server protocols', () => {
  test('SOCKS4 and SOCKS4a of ssh, gost3 and gost2 and SOCKS4 of danted serve curl', LIMIT, async (t) => {
    if (!requirePeer(t, 'curl', 'danted', 'sshd', 'ssh', 'gost3', 'gost2')) return;
    const http = await kept(t, startHttp());
    const servers = await Promise.all([
      kept(t, startDanted()),
      kept(t, startSshDynamic()),
      kept(t, startGost3(['-L', 'socks4a://127.0.0.1:0'])),
      kept(t, startGost2(['-L', 'socks4a://127.0.0.1:0'])),
    ]);
    for (const proxy of servers) {
      const asks = [
        ['--socks4', '127.0.0.1'],
        ...(proxy.name === 'danted' ? [] : [['--socks4a', 'localhost']]),
      ];
      for (const [flag = '', host = ''] of asks) {
        const { stdout, stderr } = await curl([flag, proxy.address, `http://${host}:${http.port}/four`]);
        assert.equal(stdout.toString(), '/four', `${proxy.name} ${flag}: ${stderr}`);
      }
    }
  });

  test('HTTP of gost3 and gost2 serves curl and nc, forwarding and tunnelling', LIMIT, async (t) => {
    if (!requirePeer(t, 'curl', 'nc', 'gost3', 'gost2')) return;
    const http = await kept(t, startHttp());
    const url = `http://127.0.0.1:${http.port}/web`;
    for (const proxy of [
      await kept(t, startGost3(['-L', 'http://127.0.0.1:0'])),
      await kept(t, startGost2(['-L', 'http://127.0.0.1:0'])),
    ]) {
      for (const args of [
        ['-x', `http://${proxy.address}`],
        ['-p', '-x', `http://${proxy.address}`],
      ]) {
        const { stdout, stderr } = await curl([...args, url]);
        assert.equal(stdout.toString(), '/web', `${proxy.name}: ${stderr}`);
      }
      const piped = await nc({
        kind: 'connect',
        proxy: proxy.address,
        host: '127.0.0.1',
        port: http.port,
        input: 'GET /nc HTTP/1.0\r\n\r\n',
      });
      assert.match(piped.stdout.toString(), /\/nc$/, piped.stderr);
    }
  });

  test('curl reaches gost3 HTTP through a SOCKS --preproxy', LIMIT, async (t) => {
    if (!requirePeer(t, 'curl', 'gost3', 'microsocks')) return;
    const http = await kept(t, startHttp());
    const socks = await kept(t, startMicrosocks());
    const proxy = await kept(t, startGost3(['-L', 'http://127.0.0.1:0']));
    const args = [
      '--preproxy',
      `socks5h://${socks.address}`,
      '-x',
      `http://${proxy.address}`,
      `http://127.0.0.1:${http.port}/pre`,
    ];
    const { stdout, stderr } = await curl(args);
    assert.equal(stdout.toString(), '/pre', stderr);
  });
});

describe('GOST chains', () => {
  const links = [
    'socks5://',
    'socks5+tls://',
    'socks5+ws://',
    'socks5+mws://',
    'socks5+mtls://',
    'relay+tls://',
    'http+h2c://',
    'socks5+kcp://',
    'socks5+quic://',
  ];
  const pairs = [
    {
      name: 'gost3 -> gost3',
      near: startGost3,
      far: startGost3,
      links: [...links, 'http+h2://', 'socks5+grpc://', 'socks5+mtcp://'],
    },
    { name: 'gost2 -> gost2', near: startGost2, far: startGost2, links: [...links, 'http+h2://'] },
    // between the versions: other default keys for kcp; v2 knows no grpc and no mtcp; v3 offers no ALPN that the h2 of v2 takes
    {
      name: 'gost3 -> gost2',
      near: startGost3,
      far: startGost2,
      links: links.filter((link) => !link.includes('kcp')),
    },
    {
      name: 'gost2 -> gost3',
      near: startGost2,
      far: startGost3,
      links: [...links.filter((link) => !link.includes('kcp')), 'http+h2://'],
    },
  ];
  for (const { name, near, far, links: carriers } of pairs) {
    for (const link of carriers) {
      test(`${name} over ${link}`, LIMIT, async (t) => {
        if (!requirePeer(t, 'gost3', 'gost2')) return;
        const echo = await kept(t, startTcpEcho());
        const server = await kept(t, far(['-L', `${link}127.0.0.1:0`]));
        const client = await kept(
          t,
          near(['-L', `tcp://127.0.0.1:0/127.0.0.1:${echo.port}`, '-F', `${link}${server.address}`]),
        );
        const sent = randomBytes(5000);
        assert.deepEqual(await echoed(client, sent), sent, `${client.log()}\n${server.log()}`);
      });
    }
  }

  test('remote forwarding of gost3 listens where its far end said', LIMIT, async (t) => {
    if (!requirePeer(t, 'gost3')) return;
    const echo = await kept(t, startTcpEcho());
    const server = await kept(t, startGost3(['-L', 'socks5://127.0.0.1:0?bind=true']));
    const client = await kept(
      t,
      startGost3(['-L', `rtcp://127.0.0.1:0/127.0.0.1:${echo.port}`, '-F', `socks5://${server.address}`]),
    );
    // no half-close here: a stream of smux ends in both directions at once
    assert.equal(String(await echoed(client, Buffer.from('backwards'))), 'backwards');
  });
});

describe('iperf3', () => {
  test('runs through a gost3 forwarder', LIMIT, async (t) => {
    if (!requirePeer(t, 'iperf3', 'gost3')) return;
    const server = await kept(t, startIperf3Server());
    const forwarder = await kept(t, startGost3(['-L', `tcp://127.0.0.1:0/${server.address}`]));
    const report = await iperf3(['-c', forwarder.host, '-p', String(forwarder.port), '-n', '1M']);
    assert.ok(typeof report === 'object' && report !== null && 'end' in report);
  });
});

describe('launching', () => {
  test('a peer that can not start says why and leaves nothing behind', LIMIT, async (t) => {
    if (!requirePeer(t, 'gost3')) return;
    const taken = await kept(t, startTcpEcho());
    await assert.rejects(
      startGost3(['-L', `socks5://127.0.0.1:${taken.port}`]),
      /gost3: .*before it was ready\n[^]*address already in use/,
    );
  });

  test('stop ends danted with all its children', LIMIT, async (t) => {
    if (!requirePeer(t, 'danted')) return;
    const danted = await startDanted();
    await danted.stop();
    const socket = connect(danted.port, danted.host);
    await assert.rejects(once(socket, 'connect'), /ECONNREFUSED/);
  });
});
