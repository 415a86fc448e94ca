/**
 * The clients of a datagram port: datagrams are sorted by sender into flows, each of which lives until it was silent for a
 * while. Every answer reaches its client, however many there are (GOST drops all but the first unless told otherwise).
 */
import type { DropReason } from '../contract/stats.ts';
import type { Address, PacketConn, PacketFlow } from './conn.ts';

export interface FlowLimits {
  /** A flow that carried nothing for this long ends. */
  readonly ttlMs: number;
  /** Datagrams kept for a flow whose way out is still being made; later ones are dropped. */
  readonly queue: number;
  /** Flows without a way out at one time; a datagram of yet another client is dropped. */
  readonly backlog: number;
}

class Flow implements PacketFlow {
  readonly client: Address;
  readonly idleMs: number;
  readonly closed: Promise<void>;
  readonly #port: PacketConn;
  readonly #end: () => void;
  readonly #waiting: Buffer[] = [];
  #sink: ((data: Buffer) => void) | null = null;
  #settle: () => void = () => undefined;
  #open = true;
  lastAt = Date.now();

  constructor(client: Address, idleMs: number, port: PacketConn, end: () => void) {
    this.client = client;
    this.idleMs = idleMs;
    this.#port = port;
    this.#end = end;
    this.closed = new Promise((resolve) => (this.#settle = resolve));
  }

  get served(): boolean {
    return this.#sink !== null;
  }

  take(data: Buffer, queue: number): void {
    this.lastAt = Date.now();
    if (this.#sink !== null) this.#sink(data);
    else if (this.#waiting.length < queue) this.#waiting.push(Buffer.from(data));
  }

  receive(sink: (data: Buffer) => void): void {
    this.#sink = sink;
    for (const data of this.#waiting.splice(0)) sink(data);
  }

  send(data: Buffer): DropReason | null {
    if (!this.#open) return 'closing';
    this.lastAt = Date.now();
    return this.#port.send(data, this.client);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#end();
    this.#settle();
  }
}

/**
 * Calls back with a flow for every new client of `port` that `admits` lets in. Closing the port ends all flows; what is
 * returned ends the flows and the port.
 */
export function sortFlows(
  port: PacketConn,
  limits: FlowLimits,
  admits: (client: Address) => boolean,
  onFlow: (flow: PacketFlow) => void,
): () => void {
  const flows = new Map<string, Flow>();
  const waiting = (): number => [...flows.values()].filter((flow) => !flow.served).length;
  port.receive((data, from) => {
    const key = `${from.host} ${from.port}`;
    const known = flows.get(key);
    if (known !== undefined) return known.take(data, limits.queue);
    if (waiting() >= limits.backlog || !admits(from)) return;
    const flow = new Flow(from, limits.ttlMs, port, () => flows.delete(key));
    flows.set(key, flow);
    flow.take(data, limits.queue);
    onFlow(flow);
  });
  const sweep = setInterval(
    () => {
      const oldest = Date.now() - limits.ttlMs;
      for (const flow of flows.values()) if (flow.lastAt < oldest) flow.close();
    },
    Math.max(limits.ttlMs / 4, 50),
  );
  sweep.unref();
  const end = (): void => {
    clearInterval(sweep);
    for (const flow of [...flows.values()]) flow.close();
    port.close();
  };
  void port.closed.then(end);
  return end;
}
