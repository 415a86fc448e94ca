/**
 * Every metadata key GOST 3 reads, in its spelling, with what Sockeye says when a component here does not have it. The options that
 * Sockeye acts on are described by the component definitions in the catalog, not here. Data from gost/config.md §3–§6.
 */
import type { Grade } from '../contract/config.ts';

interface Unused {
  readonly keys: readonly string[];
  readonly grade: Grade;
  readonly says: string;
}

/** Written below a service. */
export const SERVICE_HOOKS: readonly string[] = ['preUp', 'preDown', 'postUp', 'postDown'];

const UNUSED: readonly Unused[] = [
  {
    keys: SERVICE_HOOKS,
    grade: 'changes',
    says: 'It is a shell command. Sockeye never runs commands from a configuration.',
  },
  {
    keys: ['sniffing', 'sniffing.timeout', 'sniffing.websocket', 'sniffing.websocket.sampleRate'],
    grade: 'changes',
    says: 'Sockeye does not look inside of traffic.',
  },
  {
    keys: ['mitm.certFile', 'mitm.caCertFile', 'mitm.keyFile', 'mitm.caKeyFile', 'mitm.alpn', 'mitm.bypass'],
    grade: 'changes',
    says: 'Sockeye does not open encrypted traffic.',
  },
  {
    keys: [
      'observePeriod',
      'observer.period',
      'observer.observePeriod',
      'observer.resetTraffic',
      'enableStats',
      'labels',
    ],
    grade: 'ignored',
    says: 'Sockeye counts by itself.',
  },
  {
    keys: ['limiter.refreshInterval', 'limiter.cleanupInterval'],
    grade: 'ignored',
    says: 'Limits hold from the first byte and need no refreshing.',
  },
  { keys: ['hash'], grade: 'changes', says: 'The hash selector uses the client address, always.' },
  { keys: ['skipauth'], grade: 'changes', says: 'Every client signs in.' },
  { keys: ['proxyProtocol'], grade: 'changes', says: 'Sockeye does not speak the PROXY protocol.' },
  {
    keys: ['interface', 'so_mark', 'netns', 'netns.out'],
    grade: 'changes',
    says: 'Sockeye lets the system choose the way out.',
  },
  { keys: ['mptcp', 'reuseport'], grade: 'ignored', says: 'Sockeye opens plain TCP sockets.' },
  { keys: ['ignoreChain'], grade: 'changes', says: 'A service that names a chain uses it.' },
  {
    keys: ['secrets', 'blacklist', 'peer'],
    grade: 'blocks',
    says: 'It is an option of GOST v2 that keeps somebody out; v3 ignores it. Import the line as v2, or write an auther, admission or bypass.',
  },
  {
    keys: ['mbind', 'retry', 'queue', 'rbuf', 'wbuf', 'fastest_count', 'ip'],
    grade: 'changes',
    says: 'It is an option of GOST v2, which v3 ignores. Import the line as v2.',
  },
];

const OTHERS: readonly string[] = [
  'tor',
  'enableTor',
  'socks5.tor',
  'dialTimeout',
  'limiter.scope',
  'guard',
  'weight',
  'backup',
  'maxFails',
  'failTimeout',
  'readTimeout',
  'idleTimeout',
  'notls',
  'bind',
  'udp',
  'udpBufferSize',
  'udp.bufferSize',
  'publicAddr',
  'socks.publicAddr',
  'udp.resolveDomain',
  'udpResolveDomain',
  'udp.bindRange.min',
  'udp.minPort',
  'udp.bindRange.max',
  'udp.maxPort',
  'comp',
  'mux.version',
  'mux.keepaliveInterval',
  'mux.keepaliveDisabled',
  'mux.keepaliveTimeout',
  'mux.maxFrameSize',
  'mux.maxReceiveBuffer',
  'mux.maxStreamBuffer',
  'mux.type',
  'mux.maxStreamWindow',
  'header',
  'http.header',
  'keepalive',
  'http.keepalive',
  'authBasicRealm',
  'proxyAgent',
  'http.proxyAgent',
  'compression',
  'http.compression',
  'probeResist',
  'probe_resist',
  'knock',
  'nodelay',
  'stateless',
  'bufferSize',
  'readBufferSize',
  'timeout',
  'relay',
  'udp.timeout',
  'disable4a',
  'connectTimeout',
  'key',
  'keepalive.idle',
  'keepalive.interval',
  'keepalive.count',
  'ttl',
  'keepalive.ttl',
  'readQueueSize',
  'recvQueueSize',
  'backlog',
  'path',
  'ws.path',
  'ws.backlog',
  'handshakeTimeout',
  'ws.handshakeTimeout',
  'readHeaderTimeout',
  'ws.readHeaderTimeout',
  'ws.readBufferSize',
  'writeBufferSize',
  'ws.writeBufferSize',
  'enableCompression',
  'ws.enableCompression',
  'ws.header',
  'host',
  'ws.host',
  'ws.keepalive',
  'tcp.keepalive',
  'tcp.keepalive.idle',
  'tcp.keepalive.interval',
  'tcp.keepalive.count',
  'c',
  'configFile',
  'kcp.configFile',
  'config',
  'kcp.config',
  'tcp',
  'kcp.tcp',
  'kcp.key',
  'kcp.crypt',
  'kcp.mode',
  'kcp.keepalive',
  'kcp.interval',
  'kcp.mtu',
  'kcp.rcvwnd',
  'kcp.sndwnd',
  'kcp.smuxver',
  'kcp.smuxbuf',
  'kcp.streambuf',
  'kcp.nocomp',
  'keepAlive',
  'maxIdleTimeout',
  'maxStreams',
  'cipherKey',
  'enableDatagram',
  'quic.enableDatagram',
  'grpc.path',
  'grpc.host',
  'grpc.authority',
  'insecure',
  'grpcInsecure',
  'grpc.insecure',
  'privateKeyFile',
  'passphrase',
  'fingerprint',
];

const SPELLINGS: ReadonlyMap<string, string> = new Map(
  [...OTHERS, ...UNUSED.flatMap(({ keys }) => keys)].map((key) => [key.toLowerCase(), key]),
);
const UNUSED_BY_KEY: ReadonlyMap<string, Unused> = new Map(
  UNUSED.flatMap((unused) => unused.keys.map((key): [string, Unused] => [key.toLowerCase(), unused])),
);

/** Kept beyond `-O`: query keys GOST strips when it turns a URL into a service. */
export const LEFTOVERS: ReadonlySet<string> = new Set([
  'auth',
  'cert',
  'key',
  'ca',
  'certfile',
  'keyfile',
  'cafile',
  'tls.certfile',
  'tls.keyfile',
  'tls.cafile',
  'secure',
  'servername',
  'tls.secure',
  'tls.servername',
  'bypass',
  'admission',
  'resolver',
  'prefer',
  'hosts',
  'limiter.in',
  'limiter.out',
  'limiter.conn.in',
  'limiter.conn.out',
  'climiter',
  'rlimiter',
  'retries',
  'dns',
  'strategy',
  'maxfails',
  'max_fails',
  'failtimeout',
  'fail_timeout',
  'netns',
  'netns.out',
  'interface',
  'so_mark',
]);

/** The key as GOST spells it; as given when GOST has no such key. */
export function canonicalOption(key: string): string {
  return SPELLINGS.get(key.toLowerCase()) ?? key;
}

/** True for a key that some component of GOST reads. */
export function isGostOption(key: string): boolean {
  return SPELLINGS.has(key.toLowerCase());
}

/** Why Sockeye has no such option anywhere; null when a component may have it. */
export function unusedOption(key: string): { readonly grade: Grade; readonly says: string } | null {
  return UNUSED_BY_KEY.get(key.toLowerCase()) ?? null;
}

/** Metadata whose values are secrets, in lower case. */
export const SECRET_OPTIONS: ReadonlySet<string> = new Set([
  'key',
  'kcp.key',
  'cipherkey',
  'passphrase',
  'knock',
  'auth',
  'password',
  'token',
]);
