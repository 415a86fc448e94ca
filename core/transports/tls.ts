/**
 * TLS, both ends, over any stream. A real socket is given to Node as it is, never wrapped: a Duplex in between costs a third
 * of the speed (shared/data-path.md, "Layer cost in Node TLS").
 */
import { readFile } from 'node:fs/promises';
import {
  connect,
  createSecureContext,
  createServer,
  TLSSocket,
  type ConnectionOptions,
  type SecureContextOptions,
  type TlsOptions,
} from 'node:tls';
import { errnoOf, ProxyError } from '../errors.ts';
import type { Log } from '../log.ts';
import { familyOf } from '../net/address.ts';
import type { Conn } from '../net/conn.ts';
import { carriedBy, reset } from '../net/reset.ts';
import { beginStage } from '../net/stages.ts';
import { abortReason } from '../net/within.ts';
import type { ClientTls, ServerTls, StateFolder } from '../registry.ts';
import { selfSigned } from './certificate.ts';

const MIN_VERSION = 'TLSv1.2';
/** Nothing was said about TLS towards a proxy. */
export const NO_CLIENT_TLS: ClientTls = {
  secure: null,
  serverName: null,
  caFile: null,
  certFile: null,
  keyFile: null,
  minVersion: null,
  maxVersion: null,
  alpn: [],
};
const NO_SERVER_TLS: ServerTls = {
  certFile: null,
  keyFile: null,
  caFile: null,
  minVersion: null,
  maxVersion: null,
  alpn: [],
};

/** Files are read once per configuration: settings are made anew whenever a plan is applied. */
const clientContexts = new WeakMap<ClientTls, Promise<SecureContextOptions>>();
const acceptors = new WeakMap<ServerTls, Promise<TlsAcceptor>>();

/**
 * Makes `conn` the client end of a TLS connection. Owns `conn`: hands it back inside the result or destroys it. The
 * certificate must be valid for `serverName`, or else for `about.host`, unless `secure` is false.
 * Rejects with `tls` (hop, reason) or the signal's reason.
 */
export async function connectTls(
  conn: Conn,
  tls: ClientTls | null,
  about: { readonly hop: string; readonly host: string },
  signal: AbortSignal,
): Promise<TLSSocket> {
  const settings = tls ?? NO_CLIENT_TLS;
  beginStage(signal, 'tls');
  try {
    const name = settings.serverName ?? about.host;
    const options: ConnectionOptions = {
      ...(await clientContext(settings)),
      socket: conn,
      host: name,
      rejectUnauthorized: settings.secure !== false,
      ALPNProtocols: [...settings.alpn],
      ...(familyOf(name) === 0 ? { servername: name } : {}),
    };
    return await handshake(() => connect(options), 'secureConnect', conn, signal);
  } catch (error) {
    conn.destroy();
    if (error instanceof ProxyError) throw error;
    throw new ProxyError('tls', { hop: about.hop, reason: explain(error) }, { cause: error });
  }
}

/**
 * Makes `conn` the server end. Owns `conn`: hands it back inside the result or destroys it. The caller limits the time by
 * destroying `conn`. Without configured files a self-signed certificate is used. Rejects with `tls`.
 */
export async function acceptTls(
  conn: Conn,
  tls: ServerTls | null,
  state: StateFolder | null,
  log: Log,
): Promise<TLSSocket> {
  const settings = tls ?? NO_SERVER_TLS;
  let acceptor = acceptors.get(settings);
  if (acceptor === undefined) {
    acceptor = TlsAcceptor.create(settings, state, log);
    acceptors.set(settings, acceptor);
    acceptor.catch(() => acceptors.delete(settings));
  }
  try {
    return await (await acceptor).accept(conn);
  } catch (error) {
    conn.destroy();
    throw error;
  }
}

/** The server end of many connections with one certificate. */
export class TlsAcceptor {
  readonly #options: TlsOptions;
  readonly #context: ReturnType<typeof createSecureContext>;

  private constructor(options: TlsOptions) {
    this.#options = options;
    this.#context = createSecureContext(options);
  }

  /** Reads the files of the settings. Rejects with `config` when one of them can not be used. */
  static async create(tls: ServerTls | null, state: StateFolder | null, log: Log): Promise<TlsAcceptor> {
    const settings = tls ?? NO_SERVER_TLS;
    const { certFile, keyFile, caFile, maxVersion } = settings;
    try {
      if (certFile === null || keyFile === null)
        log.debug('tls_self_signed', { folder: state?.path ?? 'memory' });
      const identity =
        certFile === null || keyFile === null
          ? await selfSigned(state)
          : { cert: await readFile(certFile), key: await readFile(keyFile) };
      return new TlsAcceptor({
        ...identity,
        ...(caFile === null
          ? {}
          : { ca: await readFile(caFile), requestCert: true, rejectUnauthorized: true }),
        minVersion: settings.minVersion ?? MIN_VERSION,
        ...(maxVersion === null ? {} : { maxVersion }),
        ...ciphersOf(settings),
        ALPNProtocols: [...settings.alpn],
      });
    } catch (error) {
      throw new ProxyError('config', { where: 'tls', message: explain(error) }, { cause: error });
    }
  }

  /** Owns `conn`: hands it back inside the result or destroys it. Rejects with `tls`. */
  async accept(conn: Conn): Promise<TLSSocket> {
    try {
      const never = new AbortController().signal;
      return this.#options.requestCert === true
        ? await this.#acceptWithCertificate(conn)
        : await handshake(
            () => new TLSSocket(conn, { ...this.#options, secureContext: this.#context, isServer: true }),
            'secure',
            conn,
            never,
          );
    } catch (error) {
      conn.destroy();
      throw new ProxyError('tls', { hop: 'the client', reason: explain(error) }, { cause: error });
    }
  }

  /** Only tls.Server checks certificates of clients, so such a client gets one of its own that never listens. */
  #acceptWithCertificate(conn: Conn): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const server = createServer(this.#options);
      const gone = (): void => reject(hungUp());
      conn.once('close', gone);
      server.once('tlsClientError', reject);
      server.once('secureConnection', (socket) => {
        conn.off('close', gone);
        socket.on('error', ignore);
        carriedBy(socket, conn);
        setImmediate(resolve, socket);
      });
      server.emit('connection', conn);
    });
  }
}

/**
 * Resolves one turn after Node says that the handshake is done: Node says so from inside OpenSSL, and whoever destroyed both
 * streams there would free what OpenSSL still uses (seen as a crash of Node 20 when a client vanished at that moment).
 */
function handshake(
  start: () => TLSSocket,
  done: 'secure' | 'secureConnect',
  conn: Conn,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (conn.destroyed) return reject(hungUp());
    if (signal.aborted) return reject(abortReason(signal));
    const socket = start();
    carriedBy(socket, conn);
    socket.on('error', ignore);
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      socket.off('close', onClose);
      socket.off('end', onClose);
    };
    const fail = (error: Error): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onError = fail;
    const onClose = (): void => fail(hungUp());
    const onAbort = (): void => {
      fail(abortReason(signal));
      reset(conn);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', onError);
    socket.on('close', onClose);
    socket.on('end', onClose);
    socket.once(done, () => {
      settle();
      // tls.Server clears this flag for its sockets; node:http2 waits for it on ours
      Reflect.set(socket, 'secureConnecting', false);
      setImmediate(resolve, socket);
    });
  });
}

/** Node takes the suites of all versions in one list and leaves out TLS 1.3 when it names none of that. */
const TLS13 = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

function ciphersOf({ ciphers = [] }: ClientTls | ServerTls): { ciphers?: string } {
  return ciphers.length === 0 ? {} : { ciphers: [...TLS13, ...ciphers].join(':') };
}

function clientContext(tls: ClientTls): Promise<SecureContextOptions> {
  let context = clientContexts.get(tls);
  if (context === undefined) {
    context = readClientContext(tls);
    clientContexts.set(tls, context);
    context.catch(() => clientContexts.delete(tls));
  }
  return context;
}

async function readClientContext(tls: ClientTls): Promise<ConnectionOptions> {
  const { caFile, certFile, keyFile, maxVersion } = tls;
  const files: SecureContextOptions = {
    ...(caFile === null ? {} : { ca: await readFile(caFile) }),
    ...(certFile === null || keyFile === null
      ? {}
      : { cert: await readFile(certFile), key: await readFile(keyFile) }),
    minVersion: tls.minVersion ?? MIN_VERSION,
    ...(maxVersion === null ? {} : { maxVersion }),
    ...ciphersOf(tls),
  };
  return { secureContext: createSecureContext(files) };
}

const NOTHING_IN_COMMON = 'it takes none of the cipher suites or parameters that were offered.';

const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed and not trusted.',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an authority that is not trusted.',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an authority that is not trusted.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that is not trusted.',
  CERT_HAS_EXPIRED: 'its certificate has expired.',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS.',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'both sides have no TLS version in common.',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'both sides have no TLS version in common.',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: NOTHING_IN_COMMON,
  // the same since OpenSSL 3.4, which Node 24 has
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': NOTHING_IN_COMMON,
  ERR_SSL_NO_SHARED_CIPHER: 'both sides have no cipher suite in common.',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it wants a client certificate.',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'it showed no certificate.',
  ECONNRESET: 'it hung up during the handshake.',
  EPIPE: 'it hung up during the handshake.',
};

function explain(error: unknown): string {
  const known = REASONS[errnoOf(error) ?? ''];
  if (known !== undefined) return known;
  return error instanceof Error ? error.message : String(error);
}

function hungUp(): Error {
  return Object.assign(new Error('hung up during the handshake'), { code: 'ECONNRESET' });
}

function ignore(): void {}
