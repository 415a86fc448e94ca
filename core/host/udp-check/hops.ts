/**
 * Every hop of a chain asked for UDP, with nodes made for the test alone. The whole chain is asked first: what the last hop answers
 * decides whether those before it have to carry datagrams at all, and a failure names the hop it is about.
 */
import { chainOf } from '../../chains/route.ts';
import type { TestedChain } from '../../chains/test-chain.ts';
import type { UdpFix, UdpHop } from '../../contract/udp-check.ts';
import { toProxyError, type ProxyError } from '../../errors.ts';
import type { PacketConn } from '../../net/conn.ts';
import { within } from '../../net/within.ts';
import type { ChainNode } from '../../roles.ts';

const ASK_MS = 10_000;

const HOW: Readonly<Record<PacketConn['carrier'], NonNullable<UdpHop['how']>>> = {
  udp: 'associate',
  'udp-tun': 'tunnel',
  relay: 'relay',
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface HopsOutcome {
  readonly error: ProxyError | null;
  readonly fix: UdpFix | null;
}

/** Tells `report` of every step. Rejects only with the reason of `signal`. */
export async function askHops(
  chain: TestedChain,
  report: (hops: readonly UdpHop[]) => void,
  signal: AbortSignal,
): Promise<HopsOutcome> {
  const nodes = chain.hops.flatMap((hop) => hop.nodes[hop.pick(new Set())]?.make() ?? []);
  const hops = nodes.map(({ name, addr }): Writable<UdpHop> => ({
    node: name,
    address: addr,
    state: 'waiting',
    how: null,
    reply: null,
    ms: null,
    error: null,
  }));
  const tell = (): void => report(hops.map((hop) => ({ ...hop })));
  const reached = (node: ChainNode): void => {
    const hop = hops[nodes.indexOf(node)];
    if (hop?.state !== 'waiting') return;
    hop.state = 'testing';
    tell();
  };
  /** Asks the hop at `index`; how it carries datagrams. */
  const ask = async (index: number): Promise<void> => {
    const hop = hops[index];
    if (hop === undefined) return;
    const watch = { dialling: ignore, reached, answered: ignore };
    const startedAt = performance.now();
    const late = (): ProxyError =>
      toProxyError(Object.assign(new Error('late'), { code: 'ETIMEDOUT' }), {
        target: hop.node,
        seconds: ASK_MS / 1000,
      });
    const route = chainOf(nodes.slice(0, index + 1), chain.direct, watch);
    const packets = await within(signal, ASK_MS, (inner) => route.associate(inner), late, close);
    hop.how = HOW[packets.carrier];
    hop.ms = Math.round((performance.now() - startedAt) * 10) / 10;
    hop.state = 'ok';
    packets.close();
  };
  tell();
  try {
    for (let index = hops.length - 1; index >= 0; index -= 1) {
      const hop = hops[index];
      const next = hops[index + 1];
      if (hop !== undefined && next !== undefined && next.how !== 'associate') {
        hop.how = 'stream';
        hop.state = 'ok';
      } else await ask(index);
      tell();
    }
    return { error: null, fix: null };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const error = toProxyError(thrown);
    const named = nodes.findIndex(({ name }) => name === error.detail['hop']);
    const culprit = named === -1 ? nodes.length - 1 : named;
    for (const [index, hop] of hops.entries()) {
      if (index < culprit) hop.state = 'ok';
      else if (index > culprit) hop.state = 'not_reached';
      else {
        hop.state = 'failed';
        hop.reply = error.rep;
        hop.error = error.toWire();
      }
    }
    tell();
    return { error, fix: fixOf(error) };
  } finally {
    for (const { dialer } of nodes) void dialer.close?.();
  }
}

function fixOf({ code, rep }: ProxyError): UdpFix {
  switch (code) {
    case 'hop_no_udp':
    case 'unsupported':
      return rep === null ? 'hop_tcp_only' : 'hop_udp_off';
    case 'hop_auth':
      return 'hop_sign_in';
    case 'hop_protocol':
    case 'tls':
      return 'hop_protocol';
    case 'hop_refused':
      return rep === null ? 'hop_sign_in' : 'hop_udp_off';
    default:
      return 'hop_down';
  }
}

function close(late: { close(): void }): void {
  late.close();
}

function ignore(): void {}
