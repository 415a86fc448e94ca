/**
 * From greeting to identity: RFC 1928 §3 and RFC 1929. A method is one row of the table; GOST's TLS methods replace the
 * stream, so what comes out of a method is the stream that the request is then read from.
 * Whoever refuses writes the refusal here; the caller only hangs up.
 */
import { ProxyError } from '../../errors.ts';
import type { Conn } from '../../net/conn.ts';
import type { Reader } from '../../net/reader.ts';
import type { Authenticator } from '../../roles.ts';
import { METHOD, SIGN_IN } from '../../socks/constants.ts';
import { readMessage } from '../../socks/message.ts';
import { decodeGreeting, decodeSignIn, encodeMethod, encodeSignInStatus } from '../../socks/v5.ts';

/** A stream on which a method has been agreed on and carried out. */
export interface SignedIn {
  readonly conn: Conn;
  readonly reader: Reader;
  /** Null: nobody had to sign in. */
  readonly user: string | null;
}

interface Method {
  readonly id: number;
  readonly usable: (auth: Authenticator | null) => boolean;
  /** Runs after the choice was written. Rejects with `auth_failed`, having told the client. */
  readonly run: (conn: Conn, reader: Reader, auth: Authenticator | null) => Promise<SignedIn>;
}

/** In order of preference: ours, not the client's. Exactly one of the two is usable, so a password is never optional. */
const METHODS: readonly Method[] = [
  { id: METHOD.USER_PASSWORD, usable: mustSignIn, run: signIn },
  {
    id: METHOD.NONE,
    usable: (auth) => !mustSignIn(auth),
    run: (conn, reader) => Promise.resolve({ conn, reader, user: null }),
  },
];

/** Reads the greeting, answers with a method out of it or 0xFF, and carries the method out. */
export async function negotiate(conn: Conn, reader: Reader, auth: Authenticator | null): Promise<SignedIn> {
  const offered = await readMessage(reader, decodeGreeting);
  const method = METHODS.find(({ id, usable }) => offered.includes(id) && usable(auth));
  conn.write(encodeMethod(method?.id ?? METHOD.UNACCEPTABLE));
  if (method === undefined) throw new ProxyError('no_method');
  return method.run(conn, reader, auth);
}

function mustSignIn(auth: Authenticator | null): boolean {
  return auth?.required === true;
}

async function signIn(conn: Conn, reader: Reader, auth: Authenticator | null): Promise<SignedIn> {
  const { user, password } = await readMessage(reader, decodeSignIn);
  const identity = auth?.check(user, password) ?? null;
  conn.write(encodeSignInStatus(identity === null ? SIGN_IN.FAILURE : SIGN_IN.SUCCESS));
  if (identity === null) throw new ProxyError('auth_failed');
  return { conn, reader, user: identity };
}
