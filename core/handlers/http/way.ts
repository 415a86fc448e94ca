/**
 * A connection to a target as Node's HTTP client uses it: its bytes go through `splice`, which counts and resets as everywhere. A way
 * carries one request, or with `keepalive` one after the other of the same client for the same target; never those of two clients.
 */
import { Agent, type ClientRequest } from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';
import { ProxyError, TARGET_SIDE, toProxyError } from '../../errors.ts';
import { formatAddress } from '../../net/address.ts';
import type { Address, Conn } from '../../net/conn.ts';
import { splice } from '../../net/splice.ts';
import type { Session } from '../../roles.ts';

export class Way {
  readonly #target: Address;
  readonly #user: string | null;
  /** What Node's client writes to and reads from. */
  readonly near: Duplex;
  readonly agent: Agent;
  readonly #out: Conn;
  readonly #carried: Promise<void>;
  #busy = false;

  /** Owns `out`, which leads to `target` by the rules for `user`. */
  constructor(target: Address, user: string | null, out: Conn, session: Session, idleMs: number) {
    const [near, far] = duplexPair();
    cutTogether(far, near);
    this.#target = target;
    this.#user = user;
    this.near = near;
    this.#out = out;
    this.#carried = splice(far, out, {
      signal: session.signal,
      counters: session.stats,
      meters: session.meters,
      idleMs,
    });
    this.#carried.catch((error: unknown) => near.destroy(toProxyError(error)));
    near.on('error', () => undefined); // whoever uses it hears of it; between two requests it is only closed
    near.on('end', () => {
      if (!this.#busy) near.destroy();
    });
    this.agent = new PairAgent(near);
  }

  /** Whether a request of this user for this target can go over it now. */
  suits(target: Address, user: string | null): boolean {
    if (this.near.destroyed || user !== this.#user) return false;
    return formatAddress(target) === formatAddress(this.#target);
  }

  /** Between `begin` and `end` an end of the target's side belongs to an answer. */
  begin(): void {
    this.#busy = true;
  }

  end(): void {
    this.#busy = false;
    if (this.near.readableEnded) this.near.destroy();
  }

  async close(): Promise<void> {
    this.agent.destroy();
    this.near.destroy();
    this.#out.destroy();
    await this.#carried.catch(() => undefined); // why it broke is known to the request, or it had done its work
  }
}

/**
 * A pair's end that is cut cuts the other with an error. By itself Node 20 tells the other end nothing, and Node 24 lets it end, which
 * would make half an answer look whole.
 */
function cutTogether(far: Duplex, near: Duplex): void {
  far._destroy = (error, done) => {
    const whole = error === null && far.readableEnded && far.writableFinished;
    if (!whole) near.destroy(error ?? new ProxyError('reset', { side: TARGET_SIDE }));
    done(error);
  };
}

/** Gives the one stream to one request after the other; it has no socket options to set. */
class PairAgent extends Agent {
  constructor(near: Duplex) {
    super({ keepAlive: true, maxSockets: 1 });
    this.createConnection = () => near;
    Object.assign(this, {
      keepSocketAlive: () => true,
      reuseSocket: (_: Duplex, request: ClientRequest) => {
        request.reusedSocket = true;
      },
    });
  }
}
