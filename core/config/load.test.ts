import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../contract/config.ts';
import { loadPlan, loadUrls } from './load.ts';

const service = (rest: string, addr = '127.0.0.1:1080'): string =>
  `services:\n- name: s\n  addr: ${addr}\n${rest}`;
const SOCKS = '  handler: {type: socks5}\n';
const chain = (node: string): string =>
  `${service('  handler: {type: socks5, chain: c}\n')}chains:\n- name: c\n  hops:\n  - name: h\n    nodes:\n    - name: n\n${node}`;
const NODE = '      addr: 127.0.0.1:9\n      connector: {type: socks5}\n';

/** A text, what it gives as `grade code line:column`, and whether the service s runs. `fixed` false: there is no fix to try. */
interface Case {
  readonly what: string;
  readonly text: string;
  readonly says: readonly string[];
  readonly runs: boolean;
  readonly message?: RegExp;
}

const CASES: readonly Case[] = [
  { what: 'a plain service', text: service(SOCKS), says: [], runs: true },
  {
    what: 'an unknown key',
    text: service(`${SOCKS}  colour: red\n`),
    says: ['ignored unknown_key 5:3'],
    runs: true,
  },
  {
    what: 'a near-miss key',
    text: service(`${SOCKS}  limitr: x\n`),
    says: ['ignored near_miss 5:3'],
    runs: true,
    message: /did you mean limiter/,
  },
  {
    what: 'a near miss of a key that protects',
    text: service('  handler: {type: socks5, chian: c}\n'),
    says: ['blocks near_miss 4:27'],
    runs: false,
    message: /did you mean chain/,
  },
  {
    what: 'a key one level too high',
    text: service(`${SOCKS}  auth: {username: u, password: p}\n`),
    says: ['blocks misplaced 5:3'],
    runs: false,
    message: /handler\.auth/,
  },
  {
    what: 'a key one level too low',
    text: service('  handler: {type: socks5, limiter: "", addr: x}\n'),
    says: ['ignored misplaced 4:40'],
    runs: true,
  },
  {
    what: 'an option beside metadata',
    text: service('  handler: {type: socks5, udp: true}\n'),
    says: ['ignored misplaced 4:27'],
    runs: true,
    message: /below metadata/,
  },
  {
    what: 'a type as a key of the connector',
    text: chain(`      addr: 127.0.0.1:9\n      connector: {type: socks5, ws: true}\n`),
    says: ['ignored misplaced 12:33'],
    runs: true,
    message: /`ws: true` has no effect .* did you mean dialer\.type: ws\?/,
  },
  {
    what: 'nested options',
    text: service('  handler: {type: relay, metadata: {mux: {version: 2}}}\n'),
    says: ['changes nested_options 4:37'],
    runs: true,
    message: /mux\.version/,
  },
  {
    what: 'yes for true',
    text: service('  handler: {type: socks5, metadata: {udp: yes}}\n'),
    says: ['hint yes_no 4:43'],
    runs: true,
  },
  {
    what: 'an unreadable option',
    text: service('  handler: {type: socks5, metadata: {udpBufferSize: big}}\n'),
    says: ['changes bad_value 4:53'],
    runs: true,
  },
  {
    what: 'a near-miss option',
    text: service('  handler: {type: socks5, metadata: {updBufferSize: 1}}\n'),
    says: ['ignored near_miss 4:38'],
    runs: true,
    message: /udpBufferSize/,
  },
  {
    what: 'an unknown option',
    text: service('  handler: {type: socks5, metadata: {colour: 1}}\n'),
    says: ['ignored unknown_key 4:38'],
    runs: true,
  },
  {
    what: 'an option GOST has and we have not',
    text: service('  handler: {type: socks5, metadata: {sniffing: true}}\n'),
    says: ['changes unsupported 4:38'],
    runs: true,
  },
  {
    what: 'the same, switched off',
    text: service('  handler: {type: socks5, metadata: {sniffing: false}}\n'),
    says: [],
    runs: true,
  },
  {
    what: 'a shell command',
    text: service(`${SOCKS}  metadata: {preUp: "rm -rf /"}\n`),
    says: ['changes unsupported 5:14'],
    runs: true,
    message: /never runs commands/,
  },
  {
    what: 'a mistyped type',
    text: service('  handler: {type: sokcs5}\n'),
    says: ['blocks unknown_type 4:19'],
    runs: false,
    message: /Did you mean socks5/,
  },
  {
    what: 'a type we do not have',
    text: service('  handler: {type: tun}\n'),
    says: ['blocks unsupported_type 4:19'],
    runs: false,
    message: /virtual network adapter/,
  },
  {
    what: 'a section we do not have',
    text: `${service(SOCKS)}api: {addr: ":18080"}\n`,
    says: ['ignored unsupported 5:1'],
    runs: true,
  },
  {
    what: 'a plugin',
    text: `${service('  handler: {type: socks5, auther: a}\n')}authers:\n- name: a\n  plugin: {addr: x}\n`,
    says: ['blocks depends 4:35', 'blocks unsupported 7:3'],
    runs: false,
  },
  {
    what: 'a chain that is not there',
    text: service('  handler: {type: socks5, chain: c}\n'),
    says: ['blocks dangling 4:34'],
    runs: false,
    message: /carry on without it/,
  },
  {
    what: 'a near-miss name',
    text: `${service('  handler: {type: socks5}\n  bypass: lam\n')}bypasses: [{name: lan, matchers: [10.0.0.0/8]}]\n`,
    says: ['blocks dangling 5:11'],
    runs: false,
    message: /Did you mean lan/,
  },
  {
    what: 'a chain whose only proxy is unusable',
    text: chain('      addr: nowhere\n'),
    says: ['blocks depends 4:34', 'blocks no_node 8:5', 'blocks bad_address 11:13'],
    runs: false,
  },
  {
    what: 'one bad proxy of two',
    text: chain(`${NODE}    - name: bad\n`),
    says: ['blocks no_address 13:7'],
    runs: true,
  },
  {
    what: 'a chain without hops',
    text: `${service('  handler: {type: socks5, chain: c}\n')}chains:\n- name: c\n`,
    says: ['blocks depends 4:34', 'blocks no_hops 6:3'],
    runs: false,
  },
  {
    what: 'a service without address',
    text: 'services:\n- name: s\n  handler: {type: socks5}\n',
    says: ['blocks no_address 2:3'],
    runs: false,
  },
  {
    what: 'a bare port',
    text: service(SOCKS, '1080'),
    says: ['blocks bad_address 3:9'],
    runs: false,
    message: /host:port/,
  },
  {
    what: 'a range of ports',
    text: service(SOCKS, '":1080-1090"'),
    says: ['blocks bad_address 3:9'],
    runs: false,
    message: /one service per port/,
  },
  {
    what: 'a port out of range',
    text: service(SOCKS, '":70000"'),
    says: ['blocks bad_address 3:9'],
    runs: false,
  },
  {
    what: 'an open door',
    text: service(SOCKS, ':1080'),
    says: ['hint exposed 3:9'],
    runs: true,
    message: /Every network/,
  },
  {
    what: 'a password without a user',
    text: service('  handler: {type: socks5, auth: {password: p}}\n'),
    says: ['blocks no_username 4:33'],
    runs: false,
  },
  {
    what: 'an empty password',
    text: service('  handler: {type: socks5, auth: {username: u}}\n'),
    says: ['changes empty_password 4:33'],
    runs: true,
  },
  {
    what: 'a user beside an auther',
    text: `${service('  handler: {type: socks5, auther: a, auth: {username: u, password: p}}\n')}authers: [{name: a, auths: [{username: x, password: y}]}]\n`,
    says: ['ignored auth_unused 4:44'],
    runs: true,
  },
  {
    what: 'socks4 with a password',
    text: service('  handler: {type: socks4, auth: {username: u, password: p}}\n'),
    says: ['hint password_ignored 4:33'],
    runs: true,
  },
  {
    what: 'a port twice',
    text: `${service(SOCKS)}- {name: t, addr: "127.0.0.1:1080", handler: {type: socks5}}\n`,
    says: ['blocks port_twice 5:19'],
    runs: true,
  },
  {
    what: 'a port twice, once everywhere',
    text: `${service(SOCKS)}- {name: t, addr: "0.0.0.0:1080", handler: {type: socks5, auth: {username: u, password: p}}}\n`,
    says: ['blocks port_twice 5:19'],
    runs: true,
  },
  {
    what: 'one port for TCP and UDP',
    text: `${service(SOCKS)}- {name: t, addr: "127.0.0.1:1080", handler: {type: udp}, listener: {type: udp}, forwarder: {nodes: [{addr: "127.0.0.1:53"}]}}\n`,
    says: [],
    runs: true,
  },
  {
    what: 'a name twice',
    text: `${service(SOCKS)}- {name: s, addr: "127.0.0.1:1081", handler: {type: socks5}}\n`,
    says: ['blocks duplicate_name 5:10'],
    runs: true,
  },
  {
    what: 'a chain back to the service itself',
    text: chain('      addr: 127.0.0.1:1080\n      connector: {type: socks5}\n'),
    says: ['blocks loop 4:34', 'hint loop_node 11:13'],
    runs: false,
  },
  {
    what: 'a certificate that is checked, unlike in GOST',
    text: chain(`${NODE}      dialer: {type: tls}\n`),
    says: ['changes tls_verified 13:15'],
    runs: true,
    message: /secure: false/,
  },
  {
    what: 'a certificate that is not checked',
    text: chain(`${NODE}      dialer: {type: tls, tls: {secure: false}}\n`),
    says: ['hint tls_unverified 13:41'],
    runs: true,
  },
  {
    what: 'a certificate that is checked as asked',
    text: chain(`${NODE}      dialer: {type: tls, tls: {secure: true}}\n`),
    says: [],
    runs: true,
  },
  {
    what: 'a cipher suite that is not offered, beside one that is',
    text: chain(
      `${NODE}      dialer: {type: tls, tls: {secure: true, options: {cipherSuites: [TLS_RSA_WITH_RC4_128_SHA, TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]}}}\n`,
    ),
    says: ['changes unsupported 13:72', 'changes unsupported 13:98'],
    runs: true,
  },
  {
    what: 'no cipher suite that can be offered',
    text: chain(
      `${NODE}      dialer: {type: tls, tls: {secure: true, options: {cipherSuites: [TLS_RSA_WITH_RC4_128_SHA]}}}\n`,
    ),
    says: [
      'blocks depends 4:34',
      'blocks no_node 8:5',
      'blocks bad_value 13:71',
      'changes unsupported 13:72',
    ],
    runs: false,
  },
  {
    what: 'yes where GOST wants true',
    text: chain(`${NODE}      dialer: {type: tls, tls: {secure: yes}}\n`),
    says: ['blocks depends 4:34', 'blocks no_node 8:5', 'blocks bad_value 13:41'],
    runs: false,
  },
  {
    what: 'a password in the clear',
    text: chain(
      '      addr: example.com:1080\n      connector: {type: http, auth: {username: u, password: p}}\n',
    ),
    says: ['hint clear_password 12:37'],
    runs: true,
  },
  {
    what: 'a password that SOCKS4 can not carry',
    text: chain(
      '      addr: example.com:1080\n      connector: {type: socks4, auth: {username: u, password: p}}\n',
    ),
    says: ['hint password_ignored 12:39'],
    runs: true,
  },
  {
    what: 'UDP over a hop without UDP',
    text: chain('      addr: 127.0.0.1:9\n      connector: {type: http}\n').replace(
      '{type: socks5, chain: c}',
      '{type: socks5, chain: c, metadata: {udp: true}}',
    ),
    says: ['hint udp_stops 4:12'],
    runs: true,
    message: /may stop at hop 1 of c/,
  },
  {
    what: 'UDP over a hop with a node that certainly has none',
    text: chain(
      '      addr: 127.0.0.1:9\n      connector: {type: http}\n    - name: m\n      addr: 127.0.0.1:9\n      connector: {type: socks4}\n',
    ).replace('{type: socks5, chain: c}', '{type: socks5, chain: c, metadata: {udp: true}}'),
    says: ['hint udp_stops 4:12'],
    runs: true,
    message: /stops at hop 1 of c: .* socks4/,
  },
  {
    what: 'UDP beside the stream after a hop that only connects',
    text: chain(
      '      addr: 127.0.0.1:9\n      connector: {type: socks4}\n  - name: h2\n    nodes:\n    - {name: n2, addr: "127.0.0.1:8", connector: {type: socks5, metadata: {relay: udp}}}\n',
    ).replace('{type: socks5, chain: c}', '{type: socks5, chain: c, metadata: {udp: true}}'),
    says: ['hint udp_stops 4:12'],
    runs: true,
    message: /stops at hop 1 of c: .* socks4.* Without relay: udp at h2/,
  },
  {
    what: 'UDP inside the stream after a hop that only connects',
    text: chain(
      '      addr: 127.0.0.1:9\n      connector: {type: socks4}\n  - name: h2\n    nodes:\n    - {name: n2, addr: "127.0.0.1:8", connector: {type: socks5}}\n',
    ).replace('{type: socks5, chain: c}', '{type: socks5, chain: c, metadata: {udp: true}}'),
    says: [],
    runs: true,
  },
  {
    what: 'a bare number of nanoseconds',
    text: chain(NODE).replace(
      '    nodes:',
      '    selector: {strategy: fifo, maxFails: 1, failTimeout: 10}\n    nodes:',
    ),
    says: ['hint nanoseconds 9:58'],
    runs: true,
  },
  {
    what: 'a duration in metadata',
    text: chain(`${NODE}      metadata: {failTimeout: 10, weight: 3}\n`),
    says: [],
    runs: true,
  },
  {
    what: 'an unknown strategy',
    text: chain(NODE).replace('    nodes:', '    selector: {strategy: rond}\n    nodes:'),
    says: ['hint unknown_value 9:26'],
    runs: true,
    message: /take turns/,
  },
  {
    what: 'a forwarder without targets',
    text: service('  handler: {type: tcp}\n'),
    says: ['blocks no_target 2:3'],
    runs: false,
  },
  {
    what: 'a chain under a listener that does not look',
    text: chain(NODE).replace(
      '{type: socks5, chain: c}\n',
      '{type: socks5}\n  listener: {type: tcp, chain: c}\n',
    ),
    says: ['changes misplaced 5:32'],
    runs: true,
  },
  {
    what: 'a name server nobody understands',
    text: `${service(`${SOCKS}  resolver: r\n`)}resolvers:\n- name: r\n  nameservers: [{addr: "gopher://x"}]\n`,
    says: ['blocks depends 5:13', 'blocks no_nameserver 7:3', 'ignored bad_value 8:24'],
    runs: false,
  },
  {
    what: 'a bad limit',
    text: `${service(`${SOCKS}  climiter: k\n`)}climiters: [{name: k, limits: ["$ many"]}]\n`,
    says: ['blocks depends 5:13', 'blocks bad_value 6:32'],
    runs: false,
  },
  {
    what: 'a service that requires users and has none',
    text: service('  handler: {type: socks5, metadata: {requireAuth: true}}\n'),
    says: ['blocks policy 4:51'],
    runs: false,
  },
  {
    what: 'a public address with a port',
    text: service('  handler: {type: socks5, metadata: {publicAddr: "h.example:1080"}}\n'),
    says: ['blocks bad_value 4:50'],
    runs: false,
  },
  {
    what: 'a service that requires TLS and offers none',
    text: service('  handler: {type: socks5, metadata: {requireTls: true, notls: true}}\n'),
    says: ['blocks policy 4:63'],
    runs: false,
  },
  {
    what: 'a node that has to sign in as nobody',
    text: chain(NODE.replace('type: socks5', 'type: socks5, metadata: {requireAuth: true}')),
    says: ['blocks depends 4:34', 'blocks no_node 8:5', 'blocks policy 12:57'],
    runs: false,
  },
  {
    what: 'a node with made-up names that may have to sign in',
    text: chain(NODE.replace('type: socks5', 'type: socks5, metadata: {isolate: true, requireAuth: true}')),
    says: [],
    runs: true,
  },
  {
    what: 'a node with made-up names and one of its own',
    text: chain(
      NODE.replace(
        'type: socks5',
        'type: socks5, auth: {username: u, password: p}, metadata: {isolate: true}',
      ),
    ),
    says: ['blocks depends 4:34', 'blocks no_node 8:5', 'blocks policy 12:87'],
    runs: false,
  },
  {
    what: 'a limit of nothing',
    text: `${service(`${SOCKS}  climiter: k\n`)}climiters: [{name: k, limits: ["$ 0", "$$ 2"]}]\n`,
    says: ['hint no_limit 6:32'],
    runs: true,
  },
  {
    what: 'a size without a unit',
    text: `${service(`${SOCKS}  limiter: l\n`)}limiters: [{name: l, limits: ["$ 1000 1KB"]}]\n`,
    says: ['changes no_unit 6:31'],
    runs: true,
  },
  {
    what: 'a list that is none',
    text: 'services: {name: s}\n',
    says: ['blocks bad_value 1:11'],
    runs: false,
  },
  { what: 'a text that is no YAML', text: 'services: [\n', says: ['blocks syntax 2:1'], runs: false },
  {
    what: 'a certificate without its key',
    text: service(`${SOCKS}  listener: {type: tls, tls: {certFile: c.pem}}\n`),
    says: ['blocks bad_value 5:30'],
    runs: false,
  },
];

const shown = ({ grade, code, line, column }: Finding): string => `${grade} ${code} ${line}:${column}`;

for (const { what, text, says, runs, message } of CASES) {
  test(`tells of ${what}`, () => {
    const { plan, findings, document } = loadPlan(text, { file: 'gost.yml' });
    assert.deepEqual(findings.map(shown), says, JSON.stringify(findings, null, 1));
    assert.equal(
      plan.services.some(({ name }) => name === 's'),
      runs,
    );
    if (message !== undefined)
      assert.ok(
        findings.some((finding) => message.test(finding.message)),
        findings.map((finding) => finding.message).join('\n'),
      );
    for (const finding of findings) {
      assert.match(finding.message, /^[^a-z\s].*[.?]$|^[`a-z].*[.?]$/);
      if (finding.fix === undefined) continue;
      const after = loadPlan(document.apply(finding.fix.edits).text, { file: 'gost.yml' });
      assert.ok(
        !after.findings.some((left) => left.code === finding.code && left.message === finding.message),
        `the fix "${finding.fix.label}" does not help`,
      );
    }
  });
}

test('what a URL says about TLS holds for the TLS inside of SOCKS5, unless the dialer encrypts', () => {
  const read = (url: string) => {
    const { plan, findings } = loadUrls(['socks5://127.0.0.1:1'], [url]);
    const node = plan.chains[0]?.hops[0]?.nodes[0];
    const codes = findings
      .map(({ code }) => code)
      .filter((code) => code.startsWith('tls') || code === 'unknown_key');
    return [node?.connectorTls?.secure, node?.connectorTls?.caFile, node?.connectorTls?.serverName, ...codes];
  };
  assert.deepEqual(read('socks5://h:1?secure=true&ca=c.pem&serverName=x.y'), [
    true,
    'c.pem',
    'x.y',
    'tls_inside',
  ]);
  assert.deepEqual(read('socks5://h:1?secure=false'), [false, null, 'h', 'tls_inside']);
  assert.deepEqual(read('socks5://h:1'), [null, null, 'h']);
  assert.deepEqual(read('socks5+ws://h:1?caFile=c.pem'), [null, 'c.pem', 'h', 'tls_inside']);
  assert.deepEqual(read('socks5+tls://h:1?secure=true'), [undefined, undefined, undefined]);
  assert.deepEqual(read('socks5://h:1?notls=true&secure=true'), [undefined, undefined, undefined]);
});

test('one bad service never keeps the others from running', () => {
  const text = `services:\n- {name: a, addr: "127.0.0.1:1", handler: {type: nope}}\n- {name: b, addr: "127.0.0.1:2", handler: {type: socks5}}\n- {name: c}\n`;
  const { plan } = loadPlan(text, { file: 'f' });
  assert.deepEqual(
    plan.services.map(({ name }) => name),
    ['b'],
  );
});

test('everything that a plan can hold is read', () => {
  const text = `
services:
- name: s
  addr: "[::1]:1080"
  admissions: [a]
  bypass: b
  bypasses: [b, b2]
  resolver: r
  hosts: h
  limiter: l
  climiter: k
  rlimiter: q
  handler:
    type: socks5
    retries: 2
    chain: c
    authers: [x]
    limiter: l2
    metadata: {udp: "true", UDPBUFFERSIZE: "8192", guard: true}
  listener: {type: tls, tls: {certFile: c.pem, keyFile: k.pem, caFile: ca.pem, options: {minVersion: VersionTLS13, alpn: [h2]}}}
  metadata: {dialTimeout: 3, limiter.scope: conn}
- name: f
  addr: 127.0.0.1:5300
  handler: {type: udp}
  listener: {type: udp}
  forwarder: {hop: shared}
chains:
- name: c
  hops:
  - {name: shared}
  - name: own
    bypass: b
    selector: {strategy: ha, maxFails: 3, failTimeout: 1m}
    nodes:
    - {name: n, addr: ":1080", connector: {type: socks5, auth: {username: u, password: p}}, dialer: {type: tls, tls: {secure: true, serverName: x.y}}, metadata: {weight: 2, backup: true, maxFails: 4, failTimeout: 5s}}
hops:
- name: shared
  resolver: r
  nodes: [{name: one, addr: "192.0.2.1:53"}]
authers: [{name: x, auths: [{username: u1, password: p1}, {username: u2}]}]
admissions: [{name: a, whitelist: true, matchers: [127.0.0.1]}]
bypasses: [{name: b, matchers: [10.0.0.0/8, "*.lan:80"]}, {name: b2, reverse: true, matchers: [x]}]
resolvers: [{name: r, nameservers: [{addr: 1.1.1.1, prefer: ipv6, ttl: 30s}, {addr: "tls://[2001:db8::1]", hostname: dns.example, only: ip4}, {addr: "https://1.0.0.1/dns-query", chain: c2, timeout: 2s, clientIP: 192.0.2.9}, {addr: "tcp://8.8.8.8:5353", ttl: -1s}]}]
hosts: [{name: h, mappings: [{ip: 192.0.2.7, hostname: a, aliases: [b, c]}]}]
limiters: [{name: l, limits: ["$ 100KB 1MB", "$$ 1MB 0 4KB"]}, {name: l2, limits: ["192.0.2.0/24 1MB 2MB"]}]
climiters: [{name: k, limits: ["$ 100", "$$ 10"]}]
rlimiters: [{name: q, limits: ["$ 2.5"]}]
log: {level: debug}
`.replace(', chain: c2', '');
  const { plan, findings, log } = loadPlan(text, { file: 'f' });
  assert.deepEqual(
    findings.filter(({ grade }) => grade === 'blocks'),
    [],
  );
  assert.equal(log.level, 'debug');
  const [s, f] = plan.services;
  assert.ok(s !== undefined && f !== undefined);
  assert.deepEqual(
    {
      ...s,
      listener: s.listener.type,
      handler: [s.handler.type, s.handler.options['udp'], s.handler.options['udpBufferSize']],
    },
    {
      name: 's',
      address: { host: '::1', port: 1080 },
      listener: 'tls',
      listenerTls: {
        certFile: 'c.pem',
        keyFile: 'k.pem',
        caFile: 'ca.pem',
        minVersion: 'TLSv1.3',
        maxVersion: null,
        alpn: ['h2'],
      },
      listenerChain: null,
      handler: ['socks5', true, 8192],
      handlerTls: null,
      chain: 'c',
      retries: 2,
      users: null,
      authers: ['x'],
      forwarder: null,
      bypasses: ['b', 'b2'],
      admissions: ['a'],
      resolver: 'r',
      hosts: 'h',
      limiters: ['l'],
      limiterScope: 'conn',
      climiters: ['k'],
      rlimiters: ['q'],
      guard: true,
      dialTimeoutMs: 3000,
    },
  );
  assert.deepEqual(f.forwarder?.nodes, [
    { name: 'one', addr: { host: '192.0.2.1', port: 53 }, weight: 1, backup: false },
  ]);
  const [shared, own] = plan.chains[0]?.hops ?? [];
  assert.equal(shared?.resolver, 'r');
  assert.deepEqual(
    [own?.name, own?.bypasses, own?.selector],
    ['own', ['b'], { strategy: 'fifo', maxFails: 3, failTimeoutMs: 60_000 }],
  );
  const node = own?.nodes[0];
  assert.deepEqual(
    [
      node?.addr,
      node?.weight,
      node?.backup,
      node?.maxFails,
      node?.failTimeoutMs,
      node?.connectorAuth,
      node?.dialerTls?.serverName,
      node?.dialerTls?.secure,
    ],
    [{ host: '127.0.0.1', port: 1080 }, 2, true, 4, 5000, { username: 'u', password: 'p' }, 'x.y', true],
  );
  assert.deepEqual(
    plan.resolvers[0]?.nameservers.map(({ protocol, addr, prefer, only, ttlMs, timeoutMs }) => [
      protocol,
      addr,
      prefer,
      only,
      ttlMs,
      timeoutMs,
    ]),
    [
      ['udp', '1.1.1.1:53', 'ipv6', null, 30_000, 5000],
      ['tls', '[2001:db8::1]:853', 'ipv4', 'ipv4', null, 5000],
      ['https', 'https://1.0.0.1/dns-query', null, null, null, 2000],
      ['tcp', '8.8.8.8:5353', null, null, -1000, 5000],
    ],
  );
  assert.deepEqual(plan.limiters[0]?.rules, [
    { key: '$', value: { upBps: 102_400, downBps: 1_048_576, burst: null } },
    { key: '$$', value: { upBps: 1_048_576, downBps: 0, burst: 4096 } },
  ]);
  assert.deepEqual([plan.climiters[0]?.rules[1]?.value, plan.rlimiters[0]?.rules[0]?.value], [10, 2.5]);
  assert.deepEqual(
    [plan.bypasses[1]?.whitelist, plan.admissions[0]?.whitelist, plan.authers[0]?.users.length],
    [true, true, 2],
  );
});

test('services of the window guard the local network beyond this computer, command lines only when asked', () => {
  const open =
    'services: [{name: s, addr: ":1080", handler: {type: socks5, metadata: {}}}, {name: t, addr: "127.0.0.1:1", handler: {type: socks5}}]\n';
  assert.deepEqual(
    loadPlan(open, { file: 'f', desktop: true }).plan.services.map(({ guard }) => guard),
    [true, false],
  );
  assert.deepEqual(
    loadPlan(open, { file: 'f' }).plan.services.map(({ guard }) => guard),
    [false, false],
  );
  const off = open.replace('metadata: {}', 'metadata: {guard: false}');
  assert.deepEqual(
    loadPlan(off, { file: 'f', desktop: true }).plan.services.map(({ guard }) => guard),
    [false, false],
  );
  assert.deepEqual(
    loadUrls(['socks5://:1080?guard=true'], []).plan.services.map(({ guard }) => guard),
    [true],
  );
});

test('findings of a command line name its URL', () => {
  const { findings, plan } = loadUrls(
    ['socks5://127.0.0.1:1?upd=true', 'socks5://127.0.0.1:2'],
    ['socks5://h:1?notsl=true', 'foo://h:2'],
  );
  assert.deepEqual(findings.map(({ file, line, code }) => `${file} ${line} ${code}`).sort(), [
    '-F 1 0 near_miss',
    '-F 2 0 unknown_scheme',
    '-L 1 0 depends',
    '-L 1 0 near_miss',
    '-L 2 0 depends',
  ]);
  assert.deepEqual(plan.services, []);
});
