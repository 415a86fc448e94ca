/**
 * How a protocol joins the engine: one definition per file, one line in catalog.ts. `define*` are identity functions that
 * tie `create`'s first parameter to the schema's output, so options can not drift from what is validated and documented.
 */
import type * as z from 'zod';
import type { Address } from './net/conn.ts';
import type { Log } from './log.ts';
import type {
  Authenticator,
  Connector,
  Credentials,
  Dialer,
  Handler,
  Listener,
  Route,
  Router,
} from './roles.ts';

export type OptionsSchema = z.ZodObject;

/** TLS towards a proxy. `secure` null is the default: verify (negotiated TLS may trust on first use instead). */
export interface ClientTls {
  /** True: verify chain and name. False: a person turned verification off for this node. Null: nobody said. */
  readonly secure: boolean | null;
  readonly serverName: string | null;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly minVersion: TlsVersion | null;
  readonly maxVersion: TlsVersion | null;
  /** OpenSSL's names of the suites for TLS 1.2; absent: those of the runtime. TLS 1.3 has its own. */
  readonly ciphers?: readonly string[];
  readonly alpn: readonly string[];
}

/** TLS towards clients. Without certFile and keyFile a self-signed leaf certificate is made on first use and kept. */
export interface ServerTls {
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** Clients must then show a certificate signed by one of these. */
  readonly caFile: string | null;
  readonly minVersion: TlsVersion | null;
  readonly maxVersion: TlsVersion | null;
  /** OpenSSL's names of the suites for TLS 1.2; absent: those of the runtime. TLS 1.3 has its own. */
  readonly ciphers?: readonly string[];
  readonly alpn: readonly string[];
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** Where a forwarder sends what it accepts; picks one target per connection. */
export interface Forwarder {
  /** The target for this client; rejects with `no_node` when none is left. Outcome goes to `mark`. */
  pick(client: Address): { readonly name: string; readonly addr: Address };
  mark(name: string, ok: boolean): void;
}

/** What persists between runs for components: certificates, pins. One folder, mode 0700. */
export interface StateFolder {
  readonly path: string;
}

export interface ListenerDeps {
  readonly name: string;
  readonly address: Address;
  readonly tls: ServerTls | null;
  /** The chain a remote listener (rtcp, rudp) listens at the end of; Direct when there is none. */
  readonly route: (signal: AbortSignal) => Promise<Route>;
  readonly state: StateFolder | null;
  readonly log: Log;
}

export interface HandlerDeps {
  readonly name: string;
  readonly router: Router;
  readonly auth: Authenticator | null;
  readonly tls: ServerTls | null;
  readonly forwarder: Forwarder | null;
  readonly state: StateFolder | null;
  readonly log: Log;
}

export interface DialerDeps {
  readonly node: string;
  readonly tls: ClientTls | null;
  readonly auth: Credentials | null;
  readonly state: StateFolder | null;
  readonly log: Log;
}

export interface ConnectorDeps {
  readonly node: string;
  /** The proxy's configured address: what its certificate has to be for, or is remembered by. */
  readonly addr: Address;
  readonly auth: Credentials | null;
  readonly tls: ClientTls | null;
  readonly state: StateFolder | null;
  readonly log: Log;
}

/** Facts other parts need without knowing a protocol by name. */
export interface Facts {
  /** Can ask for or give a user name and password. */
  readonly auth: boolean;
  /** Can carry or serve UDP; null: that depends on what is at the other end. */
  readonly udp: boolean | null;
  /** Encrypts by itself. */
  readonly tls: boolean;
  /** Needs a `forwarder` section. */
  readonly forward: boolean;
}

interface Definition<Schema extends OptionsSchema, Deps, Role> {
  /** GOST's name. */
  readonly type: string;
  /** Other names GOST accepts for the same thing. */
  readonly aliases?: readonly string[];
  readonly title: string;
  /** One sentence for docs and forms. */
  readonly summary: string;
  readonly facts: Facts;
  readonly options: Schema;
  create(options: z.output<Schema>, deps: Deps): Role;
}

export type ListenerDefinition<S extends OptionsSchema = OptionsSchema> = Definition<
  S,
  ListenerDeps,
  Listener
>;
export type HandlerDefinition<S extends OptionsSchema = OptionsSchema> = Definition<S, HandlerDeps, Handler>;
export type DialerDefinition<S extends OptionsSchema = OptionsSchema> = Definition<S, DialerDeps, Dialer>;
export type ConnectorDefinition<S extends OptionsSchema = OptionsSchema> = Definition<
  S,
  ConnectorDeps,
  Connector
>;

export const defineListener = <S extends OptionsSchema>(
  definition: ListenerDefinition<S>,
): ListenerDefinition<S> => definition;
export const defineHandler = <S extends OptionsSchema>(
  definition: HandlerDefinition<S>,
): HandlerDefinition<S> => definition;
export const defineDialer = <S extends OptionsSchema>(definition: DialerDefinition<S>): DialerDefinition<S> =>
  definition;
export const defineConnector = <S extends OptionsSchema>(
  definition: ConnectorDefinition<S>,
): ConnectorDefinition<S> => definition;

/** A definition whose options were parsed already and wait for their deps; what a plan holds for each component. */
export interface Ready<Deps, Role> {
  readonly type: string;
  readonly facts: Facts;
  /** The parsed options, for comparing plans and for showing. */
  readonly options: Readonly<Record<string, unknown>>;
  create(deps: Deps): Role;
}

/** Binds parsed options to their definition. `options` must come from `definition.options.parse`. */
export function ready<S extends OptionsSchema, Deps, Role>(
  definition: Definition<S, Deps, Role>,
  options: z.output<S>,
): Ready<Deps, Role> {
  return {
    type: definition.type,
    facts: definition.facts,
    options,
    create: (deps) => definition.create(options, deps),
  };
}
