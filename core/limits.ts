/**
 * How many connections may be open: for the whole process (descriptors), for a service, and for one source address, with
 * tighter caps while a client has not finished its request. Checked before anything is spent on an accepted connection.
 * Descriptor headroom: a tunnel needs two descriptors, so new clients are turned away while fewer than RESERVE are left;
 * running tunnels are never touched. Promises 25 and 26.
 */
import { readFileSync } from 'node:fs';

/** Descriptors kept free for the process itself: config saves, DNS, the window's socket, log files. */
const RESERVE = 64;
/** What one client may need at most while its tunnel is set up: its own socket, the way out, a lookup. */
const PER_CLIENT = 3;

export interface ServiceLimits {
  /** Connections at once, 0 = only the process limit. */
  readonly connections: number;
  /** Clients that have not finished their handshake, together. */
  readonly handshakes: number;
  /** The same per source address. */
  readonly handshakesPerSource: number;
}

export const DEFAULT_LIMITS: ServiceLimits = { connections: 0, handshakes: 8192, handshakesPerSource: 6000 };

/** Open descriptors of the process are estimated from what the engine opened itself; asking the system per accept is too slow. */
export class DescriptorBudget {
  readonly limit: number;
  #held = 0;

  constructor(limit: number = descriptorLimit()) {
    this.limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /** True while another client fits. */
  get open(): boolean {
    return this.#held + PER_CLIENT <= this.limit - RESERVE;
  }

  take(descriptors: number): void {
    this.#held += descriptors;
  }

  give(descriptors: number): void {
    this.#held -= descriptors;
  }
}

/** Counts the clients of one service. */
export class Admission {
  readonly #limits: ServiceLimits;
  readonly #budget: DescriptorBudget;
  readonly #handshaking = new Map<string, number>();
  #open = 0;
  #pending = 0;
  #refused = 0;

  constructor(limits: ServiceLimits, budget: DescriptorBudget) {
    this.#limits = limits;
    this.#budget = budget;
  }

  /** Clients turned away since the service started. */
  get refused(): number {
    return this.#refused;
  }

  get open(): number {
    return this.#open;
  }

  /** Whether one more client of this address fits; counts a refusal when not. */
  admits(source: string): boolean {
    const fits =
      this.#budget.open &&
      (this.#limits.connections === 0 || this.#open < this.#limits.connections) &&
      this.#pending < this.#limits.handshakes &&
      (this.#handshaking.get(source) ?? 0) < this.#limits.handshakesPerSource;
    if (!fits) this.#refused += 1;
    return fits;
  }

  /** Counts a client in. Call `established` once its request is answered and `gone` once, at its end. */
  enter(source: string): { established(): void; gone(): void } {
    this.#open += 1;
    this.#pending += 1;
    this.#budget.take(2);
    this.#handshaking.set(source, (this.#handshaking.get(source) ?? 0) + 1);
    let pending = true;
    const established = (): void => {
      if (!pending) return;
      pending = false;
      this.#pending -= 1;
      const left = (this.#handshaking.get(source) ?? 1) - 1;
      if (left === 0) this.#handshaking.delete(source);
      else this.#handshaking.set(source, left);
    };
    return {
      established,
      gone: () => {
        established();
        this.#open -= 1;
        this.#budget.give(2);
      },
    };
  }
}

/** The soft limit of open files, or a careful guess where the system does not tell. */
function descriptorLimit(): number {
  try {
    const line = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    if (line?.[1] === undefined) return 1024;
    return line[1] === 'unlimited' ? 1_048_576 : Number(line[1]);
  } catch {
    return process.platform === 'win32' ? 16_384 : 1024;
  }
}
