/**
 * From greeting to identity: RFC 1928 §3, RFC 1929 and GOST's two TLS methods. A method is one row of the table. The TLS
 * methods replace the stream, so what comes out of a method is the stream that the request is then read from.
 * Whoever refuses writes the refusal here; the caller only hangs up.
 */
import { ProxyError } from '../../errors.ts';
import type { Conn } from '../../net/conn.ts';
import { Reader } from '../../net/reader.ts';
import type { HandlerDeps } from '../../registry.ts';
import { METHOD, SIGN_IN } from '../../socks/constants.ts';
import { readMessage } from '../../socks/message.ts';
import { decodeGreeting, decodeSignIn, encodeMethod, encodeSignInStatus } from '../../socks/v5.ts';
import { acceptTls } from '../../transports/tls.ts';

export interface NegotiateParts extends Pick<HandlerDeps, 'auth' | 'tls' | 'state' | 'log'> {
  /** False: the TLS methods are treated as if the client had not offered them. */
  readonly offersTls: boolean;
  /** True: nothing but the TLS methods is agreed to. */
  readonly requiresTls: boolean;
}

/** A stream on which a method has been agreed on and carried out. */
export interface SignedIn {
  readonly conn: Conn;
  readonly reader: Reader;
  /** Null: nobody had to sign in. */
  readonly user: string | null;
}

interface Method {
  readonly id: number;
  /** Inside TLS that begins right behind our choice. */
  readonly tls: boolean;
  /** With RFC 1929. Exactly the methods that agree with the service's users are usable, so a password is never optional. */
  readonly signIn: boolean;
}

/** In order of preference, which is ours (and GOST's), not the client's: TLS first. */
const METHODS: readonly Method[] = [
  { id: METHOD.GOST_TLS_USER_PASSWORD, tls: true, signIn: true },
  { id: METHOD.GOST_TLS, tls: true, signIn: false },
  { id: METHOD.USER_PASSWORD, tls: false, signIn: true },
  { id: METHOD.NONE, tls: false, signIn: false },
];

/**
 * What GOST v2 clients offer. They never list 0x82 but understand it as an answer; without it their password would travel
 * readable. Nobody else's offer is answered with something that is not in it.
 */
const GOST2_OFFER: readonly number[] = [METHOD.NONE, METHOD.USER_PASSWORD, METHOD.GOST_TLS];

/**
 * Reads the greeting, answers with a method out of it or 0xFF, and carries the method out. Rejects with `no_method` or
 * `auth_failed`, having told the client, or with `tls`. `secured` is told as soon as the stream has become TLS, for whoever has
 * to close it.
 */
export async function negotiate(
  conn: Conn,
  reader: Reader,
  parts: NegotiateParts,
  secured: (conn: Conn) => void,
): Promise<SignedIn> {
  const method = choose(await readMessage(reader, decodeGreeting), parts);
  conn.write(encodeMethod(method?.id ?? METHOD.UNACCEPTABLE));
  if (method === null) throw new ProxyError('no_method');
  if (!method.tls) return signIn(conn, reader, method, parts);
  reader.release();
  const { tls, state, log } = parts;
  const secure = await acceptTls(conn, tls, state, log);
  secured(secure);
  const inside = new Reader(secure);
  try {
    return await signIn(secure, inside, method, parts);
  } catch (error) {
    inside.release();
    throw error;
  }
}

function choose(offered: readonly number[], parts: NegotiateParts): Method | null {
  const mustSignIn = parts.auth?.required === true;
  const isGost2 = offered.length === GOST2_OFFER.length && GOST2_OFFER.every((id, at) => offered[at] === id);
  const understood = isGost2 ? [...offered, METHOD.GOST_TLS_USER_PASSWORD] : offered;
  const usable = ({ id, tls, signIn: signsIn }: Method): boolean =>
    signsIn === mustSignIn && (tls ? parts.offersTls : !parts.requiresTls) && understood.includes(id);
  return METHODS.find(usable) ?? null;
}

async function signIn(
  conn: Conn,
  reader: Reader,
  method: Method,
  { auth }: NegotiateParts,
): Promise<SignedIn> {
  if (!method.signIn) return { conn, reader, user: null };
  const { user, password } = await readMessage(reader, decodeSignIn);
  const identity = auth?.check(user, password) ?? null;
  conn.write(encodeSignInStatus(identity === null ? SIGN_IN.FAILURE : SIGN_IN.SUCCESS));
  if (identity === null) throw new ProxyError('auth_failed');
  return { conn, reader, user: identity };
}
