/**
 * One try over one choice of nodes, under a deadline that knows whom it waited for, and the marks that follow from how it
 * went. A target that refuses marks nobody; a node that can not be reached, breaks off, rejects us or is late is marked.
 */
import type { ErrorCode } from '../contract/errors.ts';
import { ProxyError } from '../errors.ts';
import { formatAddress } from '../net/address.ts';
import { within } from '../net/within.ts';
import type { ChainNode, Route } from '../roles.ts';
import { chainOf, type RouteWatch } from './route.ts';

const BLAMES: ReadonlySet<ErrorCode> = new Set(['hop_unreachable', 'hop_protocol', 'hop_auth', 'tls']);

export class Attempt implements RouteWatch {
  readonly nodes: readonly ChainNode[];
  readonly route: Route;
  readonly #mark: (node: ChainNode, ok: boolean) => void;
  /** Whom we wait for: a node being dialled or asked, or null when it is the target behind Direct. */
  #waiting: ChainNode | null = null;
  #asked = false;

  constructor(
    nodes: readonly ChainNode[],
    direct: Route,
    mark: (node: ChainNode, ok: boolean) => void = () => undefined,
    watch?: RouteWatch,
    client = '',
  ) {
    this.nodes = nodes;
    this.#mark = mark;
    this.route = chainOf(nodes, direct, watch === undefined ? this : both(this, watch), client);
  }

  /** Runs one verb of the route. `discard` ends what comes out after the deadline. `target` is for sentences. */
  async run<T>(
    verb: (route: Route, signal: AbortSignal) => Promise<T>,
    about: { readonly target: string; readonly ms: number },
    signal: AbortSignal,
    discard: (late: T) => void,
  ): Promise<T> {
    let suspects: readonly ChainNode[] = [];
    const late = (): ProxyError => {
      suspects = this.#suspects();
      return this.#late(about.target, about.ms / 1000);
    };
    try {
      const out = await within(signal, about.ms, (inner) => verb(this.route, inner), late, discard);
      for (const node of this.nodes) this.#mark(node, true);
      return out;
    } catch (error) {
      if (suspects.length === 0 && error instanceof ProxyError && !signal.aborted) {
        suspects = this.nodes.filter(({ name }) => name === blamed(error));
      }
      for (const node of suspects) this.#mark(node, false);
      throw error;
    }
  }

  dialling(node: ChainNode): void {
    this.#waiting = node;
    this.#asked = false;
  }

  reached(node: ChainNode): void {
    this.#waiting = node;
    this.#asked = true;
  }

  answered(node: ChainNode): void {
    this.#waiting = this.#after(node);
    this.#asked = false;
  }

  /** A node that was asked for the next one may be late itself or wait for the next: both are suspects. */
  #suspects(): readonly ChainNode[] {
    if (this.#waiting === null) return [];
    const next = this.#asked ? this.#after(this.#waiting) : null;
    if (this.#asked && next === null) return [];
    return next === null ? [this.#waiting] : [this.#waiting, next];
  }

  #late(target: string, seconds: number): ProxyError {
    const [first, second] = this.#suspects();
    if (first === undefined) return new ProxyError('timed_out', { target, seconds });
    const reason =
      second === undefined
        ? `it did not answer within ${seconds} s.`
        : `${first.name} did not connect to it within ${seconds} s.`;
    return new ProxyError('hop_unreachable', { hop: (second ?? first).name, reason });
  }

  #after(node: ChainNode): ChainNode | null {
    return this.nodes[this.nodes.indexOf(node) + 1] ?? null;
  }
}

/** The route of an attempt with `run` around every verb, for those who only want a route. */
export function deadlined(attempt: Attempt, ms: number): Route {
  const { route } = attempt;
  const close = (late: { close(): void }): void => late.close();
  return {
    path: route.path,
    connect: (dst, signal) =>
      attempt.run(
        (way, inner) => way.connect(dst, inner),
        { target: formatAddress(dst), ms },
        signal,
        (late) => late.destroy(),
      ),
    associate: (signal, peer) =>
      attempt.run((way, inner) => way.associate(inner, peer), { target: 'UDP', ms }, signal, close),
    bind: (dst, signal) =>
      attempt.run((way, inner) => way.bind(dst, inner), { target: formatAddress(dst), ms }, signal, close),
    listen: (address, signal) =>
      attempt.run(
        (way, inner) => way.listen(address, inner),
        { target: formatAddress(address), ms },
        signal,
        close,
      ),
    listenPackets: (address, signal) =>
      attempt.run(
        (way, inner) => way.listenPackets(address, inner),
        { target: formatAddress(address), ms },
        signal,
        close,
      ),
    resolve: (question, signal) =>
      attempt.run(
        (way, inner) => way.resolve(question, inner),
        { target: question.host, ms },
        signal,
        () => undefined,
      ),
  };
}

/** The name of the node an error is about. A refusal without REP is one of the sign-in, not of the target. */
function blamed({ code, rep, detail }: ProxyError): unknown {
  return BLAMES.has(code) || (code === 'hop_refused' && rep === null) ? detail['hop'] : null;
}

function both(first: RouteWatch, second: RouteWatch): RouteWatch {
  return {
    dialling: (node) => {
      first.dialling(node);
      second.dialling(node);
    },
    reached: (node) => {
      first.reached(node);
      second.reached(node);
    },
    answered: (node) => {
      first.answered(node);
      second.answered(node);
    },
  };
}
