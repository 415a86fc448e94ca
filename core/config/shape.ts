/**
 * The shape of a GOST v3 file as one table: every key GOST has, in GOST's spelling and print order, how its value is
 * written, and what it means here when Sockeye does not act on it. Read by the reader (unknown and misplaced keys), by the
 * document (canonical spelling) and by the printer (order, what is left out when empty). Data only, and as long as GOST has keys.
 * Source: the config structs of GOST 3 (x/config), gost/config.md.
 */
import type { Grade } from '../contract/config.ts';

/** How GOST reads a value. `duration` is a typed field: a bare number there is nanoseconds. */
type FieldKind =
  'text' | 'integer' | 'boolean' | 'duration' | 'texts' | 'metadata' | 'map' | 'object' | 'objects';

export interface Field {
  readonly key: string;
  readonly kind: FieldKind;
  /** Shape of the object or of each object of the list. */
  readonly of?: ShapeName;
  /** Printed by GOST even when it is empty. */
  readonly always?: boolean;
  /** Set when Sockeye does not act on the key: how much that matters and the sentence that says so. */
  readonly unused?: { readonly grade: Grade; readonly says: string };
  readonly secret?: boolean;
  /** A false that somebody wrote says something: it is printed, unlike by GOST. */
  readonly saysNo?: boolean;
}

export type ShapeName =
  | 'config'
  | 'service'
  | 'handler'
  | 'listener'
  | 'connector'
  | 'dialer'
  | 'forwarder'
  | 'target'
  | 'chain'
  | 'hop'
  | 'node'
  | 'selector'
  | 'auth'
  | 'nodeAuth'
  | 'tls'
  | 'tlsOptions'
  | 'auther'
  | 'admission'
  | 'bypass'
  | 'resolver'
  | 'nameserver'
  | 'hosts'
  | 'mapping'
  | 'file'
  | 'limiter'
  | 'log'
  | 'rotation';

type Rest = Omit<Field, 'key' | 'kind' | 'of'>;

const text = (key: string, rest: Rest = {}): Field => ({ key, kind: 'text', ...rest });
const integer = (key: string, rest: Rest = {}): Field => ({ key, kind: 'integer', ...rest });
const boolean = (key: string, rest: Rest = {}): Field => ({ key, kind: 'boolean', ...rest });
const duration = (key: string, rest: Rest = {}): Field => ({ key, kind: 'duration', ...rest });
const texts = (key: string, rest: Rest = {}): Field => ({ key, kind: 'texts', ...rest });
const object = (key: string, of: ShapeName, rest: Rest = {}): Field => ({ key, kind: 'object', of, ...rest });
const objects = (key: string, of: ShapeName, rest: Rest = {}): Field => ({
  key,
  kind: 'objects',
  of,
  ...rest,
});
/** A key whose inside Sockeye never looks at. */
const other = (key: string, grade: Grade, says: string): Field => ({
  key,
  kind: 'map',
  unused: { grade, says },
});
const metadata: Field = { key: 'metadata', kind: 'metadata' };

const not = (grade: Grade, says: string): Rest => ({ unused: { grade, says } });
const INTERFACE = not('changes', 'Sockeye lets the system choose the outgoing interface.');
const MARK = other('sockopts', 'changes', 'Sockeye sets no socket marks.');
const PLUGIN = (what: string): Field =>
  other('plugin', 'blocks', `Sockeye has no plugins, so ${what} would come from nowhere.`);
const REDIS = (what: string): Field => other('redis', 'blocks', `Sockeye does not read ${what} from Redis.`);
const WEB = (what: string): Field => other('http', 'blocks', `Sockeye does not fetch ${what} from the web.`);
/** Lists that may continue in a file. */
const LOADED = (what: string): Field[] => [
  duration('reload'),
  object('file', 'file'),
  REDIS(what),
  WEB(what),
  PLUGIN(what),
];
const OBSERVER = text('observer', not('ignored', 'Sockeye counts by itself and reports to no observer.'));
const CHAIN_GROUP = other(
  'chainGroup',
  'blocks',
  'Sockeye has no chain groups; name one chain with `chain`.',
);
const SECRET: Rest = { secret: true };

export const SHAPES: Readonly<Record<ShapeName, readonly Field[]>> = {
  config: [
    objects('services', 'service', { always: true }),
    objects('chains', 'chain'),
    objects('hops', 'hop'),
    objects('authers', 'auther'),
    objects('admissions', 'admission'),
    objects('bypasses', 'bypass'),
    objects('resolvers', 'resolver'),
    objects('hosts', 'hosts'),
    other('ingresses', 'ignored', 'Sockeye has no tunnel entry points, so ingress rules have no effect.'),
    other('routers', 'ignored', 'Sockeye has no routing tables, so routers have no effect.'),
    other('sds', 'ignored', 'Sockeye has no service discovery.'),
    other('recorders', 'ignored', 'Sockeye records no traffic.'),
    other('rewriters', 'ignored', 'Sockeye never changes what passes through.'),
    objects('limiters', 'limiter'),
    other('quotas', 'ignored', 'Sockeye has no volume quotas; a service that names one says so itself.'),
    objects('climiters', 'limiter'),
    objects('rlimiters', 'limiter'),
    other('observers', 'ignored', 'Sockeye counts by itself and reports to no observer.'),
    other('caches', 'ignored', 'Sockeye caches no pages.'),
    other('loggers', 'ignored', 'Sockeye has one log; named loggers have no effect.'),
    object('tls', 'tls'),
    object('log', 'log'),
    other('profiling', 'ignored', 'Sockeye opens no profiling port.'),
    other('api', 'ignored', "Sockeye does not open GOST's control API. Use its window, or --ui."),
    other('metrics', 'ignored', 'Sockeye opens no metrics port.'),
  ],
  service: [
    text('name', { always: true }),
    text('addr'),
    text('interface', INTERFACE),
    MARK,
    text('admission'),
    texts('admissions'),
    text('bypass'),
    texts('bypasses'),
    text('resolver'),
    text('hosts'),
    text('limiter'),
    texts(
      'quotas',
      not('changes', 'Sockeye has no volume quotas: the service runs without a limit on volume.'),
    ),
    text('climiter'),
    text('rlimiter'),
    text('logger', not('ignored', 'Sockeye has one log for everything.')),
    texts('loggers', not('ignored', 'Sockeye has one log for everything.')),
    OBSERVER,
    text('rewriter', not('changes', 'Sockeye never changes what passes through.')),
    other('recorders', 'ignored', 'Sockeye records no traffic.'),
    object('handler', 'handler'),
    object('listener', 'listener'),
    object('forwarder', 'forwarder'),
    metadata,
    other('status', 'ignored', 'It is what GOST reported once, not a setting.'),
  ],
  handler: [
    text('type', { always: true }),
    integer('retries'),
    text('chain'),
    CHAIN_GROUP,
    text('auther'),
    texts('authers'),
    object('auth', 'auth'),
    object('tls', 'tls'),
    text(
      'limiter',
      not(
        'ignored',
        'GOST asks a limiter plugin with it and nobody else, so it has no effect; name the limiter at the service.',
      ),
    ),
    OBSERVER,
    metadata,
  ],
  listener: [
    text('type', { always: true }),
    text('chain'),
    CHAIN_GROUP,
    text('auther', not('ignored', 'Listeners ask nobody for a password; put it under handler.')),
    texts('authers', not('ignored', 'Listeners ask nobody for a password; put it under handler.')),
    object('auth', 'auth', not('ignored', 'Listeners ask nobody for a password; put it under handler.')),
    object('tls', 'tls'),
    metadata,
  ],
  connector: [text('type', { always: true }), object('auth', 'nodeAuth'), object('tls', 'tls'), metadata],
  dialer: [text('type', { always: true }), object('auth', 'nodeAuth'), object('tls', 'tls'), metadata],
  forwarder: [
    text('name', not('ignored', 'GOST keeps it only for old files.')),
    text('hop'),
    object('selector', 'selector'),
    objects('nodes', 'target', { always: true }),
    other('hopGroup', 'blocks', 'Sockeye has no hop groups; name one hop with `hop`.'),
  ],
  target: [
    text('name'),
    text('addr'),
    text('network', not('changes', 'The target is reached as the listener was: TCP or UDP.')),
    text('bypass', not('changes', 'Bypasses of single targets are not looked at.')),
    texts('bypasses', not('changes', 'Bypasses of single targets are not looked at.')),
    text('protocol', not('changes', 'Sockeye does not choose a target by what is inside the traffic.')),
    text('host', not('changes', 'Sockeye does not choose a target by what is inside the traffic.')),
    text('path', not('changes', 'Sockeye does not choose a target by what is inside the traffic.')),
    other('filter', 'changes', 'Sockeye does not choose a target by what is inside the traffic.'),
    other('matcher', 'changes', 'Sockeye does not choose a target by what is inside the traffic.'),
    object('auth', 'auth', not('changes', 'Sockeye asks for no password in front of a target.')),
    other('http', 'changes', 'Sockeye never changes what passes through.'),
    other('tls', 'changes', 'Sockeye does not encrypt towards a target by itself.'),
    other('probe', 'ignored', 'Targets are not probed; failures are noticed when they happen.'),
    metadata,
  ],
  chain: [text('name', { always: true }), objects('hops', 'hop', { always: true }), metadata],
  hop: [
    text('name', { always: true }),
    text('interface', INTERFACE),
    MARK,
    object('selector', 'selector'),
    text('bypass'),
    texts('bypasses'),
    text('resolver'),
    text('hosts'),
    objects('nodes', 'node'),
    ...LOADED('nodes'),
    metadata,
  ],
  node: [
    text('name', { always: true }),
    text('addr'),
    text('network', not('ignored', 'The dialer decides how the proxy is reached.')),
    text('bypass'),
    texts('bypasses'),
    text('resolver'),
    text('hosts'),
    object('connector', 'connector'),
    object('dialer', 'dialer'),
    text('interface', INTERFACE),
    text('netns', not('blocks', 'Sockeye does not change network namespaces.')),
    MARK,
    other('filter', 'changes', 'Sockeye does not choose a proxy by what is inside the traffic.'),
    other('matcher', 'changes', 'Sockeye does not choose a proxy by matching rules; use bypasses.'),
    other('http', 'ignored', 'It concerns forwarding of web requests only.'),
    other('tls', 'ignored', 'It concerns forwarding of web requests only; put it under dialer or connector.'),
    other('probe', 'ignored', 'Proxies are not probed on a timer; failures are noticed when they happen.'),
    metadata,
  ],
  selector: [
    text('strategy', { always: true }),
    integer('maxFails', { always: true }),
    duration('failTimeout', { always: true }),
    duration('maxLatency', not('changes', 'Proxies are not left out for being slow.')),
  ],
  auth: [
    text('username'),
    text('password', SECRET),
    text('file', not('blocks', 'Sockeye reads users of a file through an auther: authers[].file.path.')),
  ],
  nodeAuth: [text('username'), text('password', SECRET), text('file')],
  tls: [
    text('certFile'),
    text('keyFile'),
    text('caFile'),
    boolean('secure', { saysNo: true }),
    text('serverName'),
    object('options', 'tlsOptions'),
    duration('validity', not('ignored', 'Certificates made by Sockeye have its own lifetime.')),
    text('commonName', not('ignored', 'Certificates made by Sockeye carry its own name.')),
    text('organization', not('ignored', 'Certificates made by Sockeye carry its own name.')),
    boolean('rejectUnknownSNI', not('changes', 'Any server name is answered.')),
    texts('serverNames', not('changes', 'Any server name is answered.')),
  ],
  tlsOptions: [text('minVersion'), text('maxVersion'), texts('cipherSuites'), texts('alpn')],
  auther: [text('name', { always: true }), objects('auths', 'auth'), ...LOADED('users')],
  admission: [
    text('name', { always: true }),
    boolean('reverse'),
    boolean('whitelist'),
    texts('matchers'),
    ...LOADED('rules'),
  ],
  bypass: [
    text('name', { always: true }),
    boolean('reverse'),
    boolean('whitelist'),
    text('network', not('changes', 'The rules hold for TCP and UDP alike.')),
    texts('matchers'),
    ...LOADED('rules'),
  ],
  resolver: [text('name', { always: true }), objects('nameservers', 'nameserver'), PLUGIN('addresses')],
  nameserver: [
    text('addr', { always: true }),
    text('chain'),
    text('prefer'),
    text('clientIP'),
    text('hostname'),
    duration('ttl'),
    duration('timeout'),
    boolean('async', not('ignored', 'Answers are refreshed as they run out.')),
    text('only'),
  ],
  hosts: [text('name', { always: true }), objects('mappings', 'mapping'), ...LOADED('names')],
  mapping: [text('ip', { always: true }), text('hostname', { always: true }), texts('aliases')],
  file: [text('path', { always: true })],
  limiter: [text('name', { always: true }), texts('limits'), ...LOADED('limits')],
  log: [text('output'), text('level'), text('format'), object('rotation', 'rotation')],
  rotation: [
    integer('maxSize'),
    integer('maxAge'),
    integer('maxBackups'),
    boolean('localTime'),
    boolean('compress'),
  ],
};

const BY_LOWER_KEY: ReadonlyMap<string, ReadonlyMap<string, Field>> = new Map(
  Object.entries(SHAPES).map(([name, fields]) => [
    name,
    new Map(fields.map((field) => [field.key.toLowerCase(), field])),
  ]),
);

/** The field a key stands for, in whatever case it is written. */
export function fieldOf(shape: ShapeName, key: string): Field | undefined {
  return BY_LOWER_KEY.get(shape)?.get(key.toLowerCase());
}

/** Where GOST would look for a key that is not part of `shape`: paths below it, or beside and above it. */
export function homesOf(key: string, within: ShapeName): readonly string[] {
  const lower = key.toLowerCase();
  return SHAPES[within].flatMap((field) =>
    field.of !== undefined && field.kind === 'object' && fieldOf(field.of, lower) !== undefined
      ? [`${field.key}.${fieldOf(field.of, lower)?.key ?? key}`]
      : [],
  );
}
