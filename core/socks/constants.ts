/**
 * The numbers of SOCKS. What each means to a client is in contract/errors.ts; here is only what travels.
 * Sources: RFC 1928 (SOCKS5), RFC 1929 (user name and password), "SOCKS: A protocol for TCP proxy across firewalls"
 * (SOCKS4) and its 4A note, Tor's socks-extensions.txt, go-gost/gosocks5 for what GOST adds.
 */
export const SOCKS4_VERSION = 4;
export const SOCKS5_VERSION = 5;
/** Version of the RFC 1929 exchange, not of SOCKS. */
export const SIGN_IN_VERSION = 1;

/** METHOD, RFC 1928 §3; 0x80–0xFE are private and used by GOST. */
export const METHOD = {
  NONE: 0x00,
  GSSAPI: 0x01,
  USER_PASSWORD: 0x02,
  /** GOST: TLS, then the request. */
  GOST_TLS: 0x80,
  /** GOST: TLS, then RFC 1929, then the request. */
  GOST_TLS_USER_PASSWORD: 0x82,
  UNACCEPTABLE: 0xff,
} as const;

/** CMD, RFC 1928 §4; SOCKS4 shares the first two. */
export const COMMAND = {
  CONNECT: 0x01,
  BIND: 0x02,
  UDP_ASSOCIATE: 0x03,
  TOR_RESOLVE: 0xf0,
  TOR_RESOLVE_PTR: 0xf1,
  GOST_MBIND: 0xf2,
  GOST_UDP_TUN: 0xf3,
} as const;

/** ATYP, RFC 1928 §5. */
export const ATYP = { IPV4: 0x01, NAME: 0x03, IPV6: 0x04 } as const;

/** REP, RFC 1928 §6. */
export const REP = {
  SUCCEEDED: 0x00,
  GENERAL_FAILURE: 0x01,
  NOT_ALLOWED: 0x02,
  NETWORK_UNREACHABLE: 0x03,
  HOST_UNREACHABLE: 0x04,
  REFUSED: 0x05,
  TTL_EXPIRED: 0x06,
  COMMAND_UNSUPPORTED: 0x07,
  ADDRESS_TYPE_UNSUPPORTED: 0x08,
} as const;

/** STATUS, RFC 1929 §2: anything but zero is a refusal. */
export const SIGN_IN = { SUCCESS: 0x00, FAILURE: 0x01 } as const;

/** CD of a SOCKS4 reply. */
export const REPLY4 = { GRANTED: 0x5a, REJECTED: 0x5b, NO_IDENTD: 0x5c, USER_ID: 0x5d } as const;

/** A name, user name or password is announced by one length byte; SOCKS4 fields are held to the same. */
export const MAX_FIELD_BYTES = 255;
