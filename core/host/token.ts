/**
 * Who may use the window: a 256-bit secret in a one-time link, exchanged at its first use for another one in a cookie. Both are made
 * anew at every start and kept as digests; comparing takes the same time whatever is sent.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;

export class Tokens {
  #once: Buffer | null = null;
  #session: Buffer | null = null;

  /** A new one-time secret, to be shown to the person once; an earlier one is void. */
  issue(): string {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    this.#once = digest(secret);
    return secret;
  }

  /** Exchanges the one-time secret for the session's; null when it is not the right one or was used before. */
  redeem(once: string): string | null {
    if (!matches(this.#once, once)) return null;
    this.#once = null;
    const session = randomBytes(SECRET_BYTES).toString('base64url');
    this.#session = digest(session);
    return session;
  }

  /** Whether this is the session's secret. */
  accepts(session: string): boolean {
    return matches(this.#session, session);
  }
}

function matches(expected: Buffer | null, sent: string): boolean {
  const actual = digest(sent);
  // compares in vain when nothing is expected, so that this takes as long
  const equal = timingSafeEqual(expected ?? digest(''), actual);
  return expected !== null && equal;
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
