/**
 * User names and passwords of their own for the clients of one proxy. Tor gives streams that sign in differently circuits of their own
 * (IsolateSOCKSAuth), so that what one client does can not be put together with what another does. A name says nothing about its client
 * and is another one after every start.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Credentials } from '../roles.ts';

const secret = randomBytes(32);

/** The same for a client at a proxy as long as this process runs. */
export function credentialsOf(proxy: string, client: string): Credentials {
  const digest = createHmac('sha256', secret)
    .update(JSON.stringify([proxy, client]))
    .digest('hex');
  return { username: `sockeye-${digest.slice(0, 24)}`, password: digest.slice(24, 56) };
}
