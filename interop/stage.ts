/** What the tables play on: every target at once, a keeper of whatever a cell starts, and the login of services with one. */
import assert from 'node:assert/strict';
import { startBulk } from './peers/bulk.ts';
import type { Peer } from './peers/ready.ts';
import {
  startBanner,
  startDigestAfterEnd,
  startHttp,
  startTcpEcho,
  startUdpEcho,
  type Target,
} from './peers/targets.ts';

/** User and password with characters that URLs and colon-separated forms trip over. */
export const LOGIN = { user: 'ann', password: 'pa:ss%2F1' } as const;

/** The login as it stands before the @ of a URL. */
export const URL_LOGIN = `${LOGIN.user}:${encodeURIComponent(LOGIN.password)}`;

/** A name that only Sockeye can resolve (NAME_QUERY tells it how), so that a client that resolves names itself is found out. */
export const NAME = 'target.test';
export const NAME_QUERY = `hosts=${NAME}:127.0.0.1`;

export interface Targets {
  readonly echo: Target;
  readonly banner: Target;
  readonly digest: Target;
  readonly http: Target;
  readonly udp: Target;
  readonly bulk: Peer;
}

/** Starts things in order and stops them in reverse; one that fails to start stops those before it. */
export interface Keeper {
  readonly keep: <T extends { readonly stop: () => Promise<void> }>(starting: Promise<T>) => Promise<T>;
  readonly stop: () => Promise<void>;
}

export function newKeeper(): Keeper {
  const kept: { readonly stop: () => Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (let one = kept.pop(); one !== undefined; one = kept.pop()) await one.stop();
  };
  return {
    keep: async (starting) => {
      try {
        const started = await starting;
        kept.push(started);
        return started;
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
  };
}

/** Starts every target of targets.ts and bulk.ts. */
export async function startTargets({ keep }: Keeper): Promise<Targets> {
  return {
    echo: await keep(startTcpEcho()),
    banner: await keep(startBanner()),
    digest: await keep(startDigestAfterEnd()),
    http: await keep(startHttp()),
    udp: await keep(startUdpEcho()),
    bulk: await keep(startBulk()),
  };
}

/** Asserts that buffers are the same, with their lengths in the message instead of their bytes. */
export function assertSame(actual: readonly Buffer[], expected: readonly Buffer[]): void {
  const lengths = (buffers: readonly Buffer[]): string => buffers.map((one) => one.length).join(', ');
  assert.equal(lengths(actual), lengths(expected), 'lengths');
  actual.forEach((one, index) =>
    assert.ok(one.equals(expected[index] ?? Buffer.alloc(0)), `bytes of number ${index} differ`),
  );
}
