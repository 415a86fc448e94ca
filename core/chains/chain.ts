/**
 * A named chain of hops and how it picks: one node of every hop, in order.
 *
 * It fails closed. A hop without a usable node, or a chain without hops, is `no_node`; nothing is ever connected around it. The one way past a hop is
 * the hop's own `bypass`: whoever wrote that list said that these targets do not need it, and as in GOST the chain then ends
 * before that hop (Direct when it is the first). A node's `bypass` only takes the node out of the choice.
 */
import { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import type { ChainNode, Route } from '../roles.ts';
import { Attempt } from './attempt.ts';
import type { Bypass } from './bypass.ts';
import { Pool, type Member } from './pool.ts';
import type { RouteWatch } from './route.ts';

export interface HopMember extends Member {
  readonly node: ChainNode;
  readonly bypass: Bypass | null;
}

export interface Hop {
  readonly name: string;
  readonly bypass: Bypass | null;
  readonly pool: Pool<HopMember>;
}

export interface PickAbout {
  /** Null where no target is known yet (UDP, listening): then no bypass takes part in the choice. */
  readonly target: Address | null;
  /** Whose request it is: what the hash strategy goes by, and what nodes that keep clients apart tell them by. */
  readonly key: string;
}

/** The picks of one attempt, and what they say about targets that come up later. */
export interface Picked {
  readonly attempt: Attempt;
  /** True for a target that this choice should not carry: datagrams to it are dropped, not sent another way. */
  readonly bypassed: (target: Address) => boolean;
}

export class Chain {
  readonly name: string;
  readonly hops: readonly Hop[];
  readonly #direct: Route;

  constructor(name: string, hops: readonly Hop[], direct: Route) {
    this.name = name;
    this.hops = hops;
    this.#direct = direct;
  }

  /**
   * Picks nodes for one attempt, avoiding those in `tried` (which it adds to) where there are others. When a hop's bypass
   * ends the chain before its first hop, `direct` is the way out. Throws `no_node`.
   */
  pick({ target, key }: PickAbout, tried: Set<HopMember>, direct: Route, watch?: RouteWatch): Picked {
    if (this.hops.length === 0) throw new ProxyError('no_node', { hop: this.name });
    const picked: HopMember[] = [];
    for (const { name, bypass, pool } of this.hops) {
      if (target !== null && bypass?.matches(target) === true) break;
      const member = pool.pick(
        key,
        (each) => target === null || each.bypass?.matches(target) !== true,
        tried,
      );
      if (member === null) throw new ProxyError('no_node', { hop: name });
      picked.push(member);
    }
    for (const member of picked) tried.add(member);
    const base = picked.length === 0 ? direct : this.#direct;
    const mark = (node: ChainNode, ok: boolean): void => this.#mark(node, ok);
    return {
      attempt: new Attempt(
        picked.map(({ node }) => node),
        base,
        mark,
        watch,
        key,
      ),
      bypassed: (address) =>
        this.hops.some(({ bypass }) => bypass?.matches(address) === true) ||
        picked.some(({ bypass }) => bypass?.matches(address) === true),
    };
  }

  #mark(node: ChainNode, ok: boolean): void {
    for (const { pool } of this.hops) {
      const member = pool.members.find((candidate) => candidate.node === node);
      if (member !== undefined) pool.mark(member, ok);
    }
  }
}
