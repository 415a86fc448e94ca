/** The ladder of the UDP check: how far it has come, what each rung found, and the one that failed. Knows no socket. */
import type { TestedChain } from '../../chains/test-chain.ts';
import {
  UDP_RUNGS,
  type UdpCheck,
  type UdpFix,
  type UdpRung,
  type UdpRungName,
} from '../../contract/udp-check.ts';
import type { ProxyError } from '../../errors.ts';
import type { Address } from '../../net/conn.ts';
import { askHops } from './hops.ts';

/** A rung that failed; ends the ladder. */
export class Red extends Error {
  readonly error: ProxyError;
  readonly fix: UdpFix | null;

  constructor(error: ProxyError, fix: UdpFix | null) {
    super(error.message);
    this.error = error;
    this.fix = fix;
  }
}

/** The check as it stands, told after every change. */
export class Ladder {
  check: UdpCheck;
  readonly #report: (check: UdpCheck) => void;

  constructor(
    about: Pick<UdpCheck, 'service' | 'chain' | 'probe' | 'target'>,
    report: (check: UdpCheck) => void,
  ) {
    this.#report = report;
    this.check = {
      ...about,
      rungs: UDP_RUNGS.map((name): UdpRung => ({ name, state: 'waiting', ms: null, error: null, fix: null })),
      bound: null,
      hops: [],
      dropped: null,
      stun: null,
      sizes: null,
      loss: null,
      ok: null,
    };
  }

  change(part: Partial<UdpCheck>): void {
    this.check = { ...this.check, ...part };
    this.#report(this.check);
  }

  set(name: UdpRungName, part: Partial<UdpRung>): void {
    this.change({
      rungs: this.check.rungs.map((rung) => (rung.name === name ? { ...rung, ...part } : rung)),
    });
  }

  granted(bound: Address, ms: number): void {
    this.check = { ...this.check, bound };
    this.set('associate', { state: 'ok', ms });
  }

  async rung(name: UdpRungName, work: () => Promise<void>): Promise<void> {
    const startedAt = performance.now();
    this.set(name, { state: 'testing' });
    try {
      await work();
      this.set(name, { state: 'ok', ms: since(startedAt) });
    } catch (thrown) {
      throw thrown instanceof Red ? this.red(name, thrown, startedAt) : thrown;
    }
  }

  /** Asks the hops of a chain one by one. */
  async hops(
    { chain, tested }: { readonly chain: string | null; readonly tested: () => TestedChain },
    signal: AbortSignal,
  ): Promise<void> {
    if (chain === null) return this.set('hops', { state: 'skipped' });
    await this.rung('hops', async () => {
      const { error, fix } = await askHops(tested(), (hops) => this.change({ hops }), signal);
      if (error !== null) throw new Red(error, fix);
    });
  }

  red(name: UdpRungName, red: Red, startedAt: number): Red {
    this.set(name, { state: 'failed', ms: since(startedAt), error: red.error.toWire(), fix: red.fix });
    return red;
  }

  /** What was not come to stays as it is: waiting. */
  finish(ok: boolean): void {
    this.change({ ok });
  }
}

/** Milliseconds, to a tenth. */
export function since(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 10) / 10;
}
