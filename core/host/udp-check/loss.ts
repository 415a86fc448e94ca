/** Numbers out of numbered probes: what came back, how late, in what order. */
import type { UdpLoss } from '../../contract/udp-check.ts';

/** Notes when each probe left and when it came back. Times are milliseconds of one clock. */
export class Tally {
  readonly #sent = new Map<number, number>();
  /** In the order of arrival. */
  readonly #received: { readonly number: number; readonly ms: number }[] = [];
  readonly #seen = new Set<number>();
  #duplicated = 0;

  sent(number: number, at: number): void {
    this.#sent.set(number, at);
  }

  received(number: number, at: number): void {
    const left = this.#sent.get(number);
    if (left === undefined) return;
    if (this.#seen.has(number)) {
      this.#duplicated += 1;
      return;
    }
    this.#seen.add(number);
    this.#received.push({ number, ms: Math.max(0, at - left) });
  }

  get complete(): boolean {
    return this.#seen.size === this.#sent.size;
  }

  has(number: number): boolean {
    return this.#seen.has(number);
  }

  /** Delay of one probe; null while it is missing. */
  delay(number: number): number | null {
    return this.#received.find((each) => each.number === number)?.ms ?? null;
  }

  loss(): UdpLoss {
    const delays = this.#received.map(({ ms }) => ms);
    let reordered = 0;
    let newest = -1;
    for (const { number } of this.#received) {
      if (number < newest) reordered += 1;
      else newest = number;
    }
    const byNumber = this.#received.toSorted((a, b) => a.number - b.number).map(({ ms }) => ms);
    const steps = byNumber.slice(1).map((ms, index) => Math.abs(ms - (byNumber[index] ?? ms)));
    return {
      sent: this.#sent.size,
      received: this.#received.length,
      duplicated: this.#duplicated,
      reordered,
      rtt:
        delays.length === 0
          ? null
          : { min: tenth(Math.min(...delays)), avg: tenth(mean(delays)), max: tenth(Math.max(...delays)) },
      jitterMs: steps.length === 0 ? null : tenth(mean(steps)),
    };
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}
