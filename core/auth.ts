/**
 * Who may sign in. Every check compares with every user, hashes both sides and never stops early, so that neither time nor
 * bytes tell a wrong name from a wrong password (promises 5, 8 and 9). Bytes are compared whole: a NUL is a byte like another.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Authenticator, Credentials } from './roles.ts';

interface Row {
  readonly username: string;
  readonly user: Buffer;
  readonly password: Buffer;
  /** No password is configured: only an empty one matches, and SOCKS4, which has none, may use this user. */
  readonly open: boolean;
}

/** An authenticator over a list of users; an empty list rejects everybody. A password that is '' matches only ''. */
export function userTable(users: readonly Credentials[]): Authenticator {
  const key = randomBytes(32);
  const digest = (bytes: Buffer | string): Buffer => createHmac('sha256', key).update(bytes).digest();
  const rows: readonly Row[] = users.map(({ username, password }) => ({
    username,
    user: digest(username),
    password: digest(password),
    open: password === '',
  }));

  const find = (user: Buffer, password: Buffer, onlyOpen: boolean): string | null => {
    const asked = { user: digest(user), password: digest(password) };
    let found: string | null = null;
    for (const row of rows) {
      const sameUser = timingSafeEqual(row.user, asked.user);
      const samePassword = timingSafeEqual(row.password, asked.password);
      const match = Number(sameUser) & Number(samePassword) & Number(!onlyOpen || row.open);
      found = match === 1 ? row.username : found;
    }
    return found;
  };

  return {
    required: true,
    check: (user, password) => find(user, password, false),
    checkUserId: (user) => find(user, Buffer.alloc(0), true),
  };
}
