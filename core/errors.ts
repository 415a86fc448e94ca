/**
 * The one error class of the engine. Codes and sentences live in contract/errors.ts; this file makes them throwable
 * and maps what Node and TLS throw onto them.
 */
import { sentence, type Detail, type ErrorCode, type WireError } from './contract/errors.ts';

export class ProxyError extends Error {
  readonly code: ErrorCode;
  readonly detail: Detail;
  /** REP or status byte the next proxy answered with, when the failure was told by a proxy. */
  readonly rep: number | null;

  constructor(code: ErrorCode, detail: Detail = {}, options: { cause?: unknown; rep?: number } = {}) {
    const { stackTraceLimit } = Error;
    // every connection ends in one, and what went wrong is in its fields: only a bug needs to be looked for
    if (code !== 'bug') Error.stackTraceLimit = 0;
    super(sentence(code, detail), 'cause' in options ? { cause: options.cause } : undefined);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.detail = detail;
    this.rep = options.rep ?? null;
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, detail: this.detail };
  }
}

/** How a splice calls its two ends in the sentence of a reset. */
export const CLIENT_SIDE = 'The client';
export const TARGET_SIDE = 'The target';

/** Ends that somebody wanted: not counted as failures. */
const WANTED: ReadonlySet<ErrorCode> = new Set(['closed_by_user', 'stopping', 'client_gone', 'idle']);

/**
 * Whether a connection that ended with this error ended as somebody wanted. A client that resets its connection has what it came
 * for, or no longer wants it: programs do so all day long.
 */
export function isWanted({ code, detail }: ProxyError): boolean {
  return WANTED.has(code) || (code === 'reset' && detail['side'] === CLIENT_SIDE);
}

/** Ends that were decided here: by a person, a limit, a rule, or because the client did not keep to what this service asks. */
const OURS: ReadonlySet<ErrorCode> = new Set([
  ...['closed_by_user', 'stopping', 'idle', 'handshake_timeout', 'bind_timeout', 'bind_peer', 'descriptors'],
  ...['not_admitted', 'limit', 'limit_client', 'limit_rate', 'not_allowed'],
  ...['malformed', 'version', 'no_method', 'auth_failed', 'command', 'address_type', 'bad_name', 'bad_port'],
] as const);

/** Whose decision the end of a connection was, as far as its error tells. */
export function decidedBy(error: ProxyError | null): 'us' | 'client' | null {
  if (error === null) return null;
  if (error.code === 'client_gone') return 'client';
  return OURS.has(error.code) ? 'us' : null;
}

ProxyError.prototype.name = 'ProxyError';

const ERRNO: Readonly<Record<string, ErrorCode>> = {
  ECONNREFUSED: 'refused',
  ENETUNREACH: 'net_unreachable',
  ENETDOWN: 'net_unreachable',
  EHOSTUNREACH: 'host_unreachable',
  EHOSTDOWN: 'host_unreachable',
  ETIMEDOUT: 'timed_out',
  ENOTFOUND: 'name_not_found',
  EAI_NONAME: 'name_not_found',
  EAI_AGAIN: 'name_timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  EADDRINUSE: 'port_in_use',
  EACCES: 'port_denied',
  EPERM: 'not_allowed',
  EADDRNOTAVAIL: 'address_unavailable',
  EMFILE: 'descriptors',
  ENFILE: 'descriptors',
};

/** The errno-like code of anything thrown, or null. */
export function errnoOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/**
 * Turns anything thrown into a ProxyError. An errno keeps its meaning; an abort becomes `aborted`; the rest is `bug`.
 * `detail` names the target, hop, port or side the sentence speaks of.
 */
export function toProxyError(error: unknown, detail: Detail = {}): ProxyError {
  if (error instanceof ProxyError) return error;
  const errno = errnoOf(error);
  const code = errno === null ? undefined : ERRNO[errno];
  if (code !== undefined) return new ProxyError(code, detail, { cause: error });
  if (errno === 'ABORT_ERR' || (error instanceof Error && error.name === 'AbortError')) {
    return new ProxyError('aborted', detail, { cause: error });
  }
  if (
    errno !== null &&
    /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(errno)
  ) {
    return new ProxyError(
      'tls',
      { hop: '?', reason: error instanceof Error ? error.message : errno, ...detail },
      { cause: error },
    );
  }
  return new ProxyError('bug', detail, { cause: error });
}

/** For the default branch of an exhaustive switch. */
export function assertNever(value: never): never {
  throw new ProxyError('bug', {}, { cause: new Error(`unreachable value ${JSON.stringify(value)}`) });
}
