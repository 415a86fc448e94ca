/**
 * The error table: every way a request can fail, the SOCKS replies that tell a client, and the sentence that tells a person.
 * Codes are stable; sentences may be reworded. `{…}` marks a detail the thrower supplies.
 * SOCKS5 REP: RFC 1928 §6. SOCKS4: "SOCKS: A protocol for TCP proxy across firewalls" (91 = 0x5B rejected or failed …).
 */
interface Row {
  /** REP for SOCKS5; null when the connection is closed without a reply or the code never reaches a client. */
  readonly socks5: number | null;
  /** VN reply code for SOCKS4 (0x5B–0x5D); null as above. */
  readonly socks4: number | null;
  /** Status for an HTTP proxy client; null as above. */
  readonly http: number | null;
  readonly sentence: string;
}

export const ERRORS = {
  malformed: {
    socks5: null,
    socks4: 0x5b,
    http: 400,
    sentence: 'The client sent bytes that are not {protocol}.',
  },
  version: {
    socks5: null,
    socks4: null,
    http: null,
    sentence: 'This port does not speak SOCKS version {version}.',
  },
  no_method: {
    socks5: null,
    socks4: null,
    http: null,
    sentence: 'The client offered no sign-in method this service accepts.',
  },
  auth_failed: { socks5: null, socks4: 0x5d, http: 407, sentence: 'User name or password is wrong.' },
  identd_unreachable: {
    socks5: null,
    socks4: 0x5c,
    http: null,
    sentence: 'The identd of {client} can not be reached.',
  },
  identd_mismatch: {
    socks5: null,
    socks4: 0x5d,
    http: null,
    sentence: 'The identd of {client} does not confirm the user id.',
  },
  command: { socks5: 7, socks4: 0x5b, http: 501, sentence: 'This service does not offer {command}.' },
  address_type: { socks5: 8, socks4: 0x5b, http: 400, sentence: 'The address kind is not supported here.' },
  bad_name: { socks5: 4, socks4: 0x5b, http: 400, sentence: 'The name {host} is not a valid host name.' },
  bad_port: { socks5: 1, socks4: 0x5b, http: 400, sentence: 'Port 0 of {host} can not be connected to.' },
  not_allowed: { socks5: 2, socks4: 0x5b, http: 403, sentence: 'A rule forbids {target}.' },
  net_unreachable: { socks5: 3, socks4: 0x5b, http: 502, sentence: 'There is no network route to {target}.' },
  host_unreachable: { socks5: 4, socks4: 0x5b, http: 502, sentence: '{target} can not be reached.' },
  name_not_found: { socks5: 4, socks4: 0x5b, http: 502, sentence: 'The name {host} does not exist.' },
  name_timeout: {
    socks5: 4,
    socks4: 0x5b,
    http: 504,
    sentence: 'The name server did not answer for {host} within {seconds} s.',
  },
  refused: { socks5: 5, socks4: 0x5b, http: 502, sentence: '{target} refused the connection.' },
  timed_out: { socks5: 6, socks4: 0x5b, http: 504, sentence: '{target} did not answer within {seconds} s.' },
  hop_unreachable: {
    socks5: 1,
    socks4: 0x5b,
    http: 502,
    sentence: 'The proxy {hop} can not be reached: {reason}',
  },
  hop_refused: { socks5: 1, socks4: 0x5b, http: 502, sentence: 'The proxy {hop} answered: {reason}' },
  hop_protocol: {
    socks5: 1,
    socks4: 0x5b,
    http: 502,
    sentence: 'The proxy {hop} does not speak {protocol}: {reason}',
  },
  hop_auth: {
    socks5: 1,
    socks4: 0x5b,
    http: 502,
    sentence: 'The proxy {hop} rejected the user name or password.',
  },
  hop_no_udp: { socks5: 1, socks4: 0x5b, http: 502, sentence: 'UDP stops at the proxy {hop}: {reason}' },
  no_node: {
    socks5: 1,
    socks4: 0x5b,
    http: 502,
    sentence: 'No usable proxy is left in {hop}. The connection was not sent around it.',
  },
  tls: { socks5: 1, socks4: 0x5b, http: 502, sentence: 'The secure connection to {hop} failed: {reason}' },
  not_admitted: {
    socks5: null,
    socks4: null,
    http: null,
    sentence: 'An admission list keeps {client} out.',
  },
  limit: { socks5: 1, socks4: 0x5b, http: 503, sentence: 'The service already has {count} connections.' },
  limit_client: {
    socks5: 1,
    socks4: 0x5b,
    http: 503,
    sentence: '{client} has reached its limit on connections at once: {count}.',
  },
  limit_rate: {
    socks5: 2,
    socks4: 0x5b,
    http: 429,
    sentence: 'More requests came than the limit of {rate} per second allows. Try again in a moment.',
  },
  stopping: { socks5: 1, socks4: 0x5b, http: 503, sentence: 'The service is being stopped.' },
  aborted: {
    socks5: 1,
    socks4: 0x5b,
    http: 502,
    sentence: 'The connection was given up before it was made.',
  },
  handshake_timeout: {
    socks5: null,
    socks4: null,
    http: 408,
    sentence: 'The client did not finish its request within {seconds} s.',
  },
  bind_timeout: {
    socks5: 6,
    socks4: 0x5b,
    http: null,
    sentence: 'Nobody connected to the bound port within {seconds} s.',
  },
  bind_peer: {
    socks5: 2,
    socks4: 0x5b,
    http: null,
    sentence: 'Another host than the announced {target} connected to the bound port.',
  },
  closed_by_user: {
    socks5: null,
    socks4: null,
    http: null,
    sentence: 'The connection was closed in Sockeye.',
  },
  client_gone: {
    socks5: null,
    socks4: null,
    http: null,
    sentence: 'The client hung up before the connection was made.',
  },
  idle: { socks5: null, socks4: null, http: null, sentence: 'The connection was silent for {seconds} s.' },
  reset: { socks5: null, socks4: null, http: null, sentence: '{side} closed the connection abruptly.' },
  port_in_use: { socks5: 1, socks4: 0x5b, http: null, sentence: 'Port {port} is already used by {owner}.' },
  port_denied: {
    socks5: 1,
    socks4: 0x5b,
    http: null,
    sentence: 'Ports below 1024 need administrator rights; port {port} was refused.',
  },
  address_unavailable: {
    socks5: 1,
    socks4: 0x5b,
    http: null,
    sentence: 'This computer has no address {host} to listen on.',
  },
  descriptors: {
    socks5: 1,
    socks4: 0x5b,
    http: 503,
    sentence: 'This process may not open more files or sockets.',
  },
  config: { socks5: null, socks4: null, http: null, sentence: '{where}: {message}' },
  unsupported: { socks5: 1, socks4: 0x5b, http: 501, sentence: '{what} is not supported by {by}.' },
  bug: {
    socks5: 1,
    socks4: 0x5b,
    http: 500,
    sentence: 'Something unexpected happened in Sockeye. Please report it.',
  },
} as const satisfies Record<string, Row>;

export type ErrorCode = keyof typeof ERRORS;

/** What fills the `{…}` of a sentence. Never put secrets or payload here. */
export type Detail = Readonly<Record<string, string | number>>;

/** The sentence of a code with its details filled in; a missing detail shows as "?". */
export function sentence(code: ErrorCode, detail: Detail = {}): string {
  return ERRORS[code].sentence.replace(/\{(\w+)\}/g, (_, key: string) => String(detail[key] ?? '?'));
}

/** An error as it crosses the contract: data, not an exception; no stack, no paths. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail?: Detail;
}
