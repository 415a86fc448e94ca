/**
 * Datagram listeners: `udp` binds a port on this machine, `rudp` one at the far end of a chain. Each client of the port is a
 * flow for the handler. The end of a far port is the end of the listener, with its reason; the engine opens it again.
 */
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import type { PacketConn } from '../net/conn.ts';
import { sortFlows } from '../net/flows.ts';
import { bindUdp } from '../net/udp.ts';
import { duration, flag, integer } from '../options.ts';
import { defineListener } from '../registry.ts';
import type { Bound, Listener, ListenerSink } from '../roles.ts';

const common = {
  ttl: duration({
    title: 'Idle limit of a client',
    description: 'A client that sent and got nothing for this long is forgotten.',
    defaultMs: 5000,
    aliases: ['keepalive.ttl'],
  }),
  backlog: integer({
    title: 'Waiting clients',
    description: 'New clients whose way out is still being made; more are dropped.',
    default: 128,
    min: 1,
    unit: 'clients',
  }),
};
const readBufferSize = (value: number) =>
  integer({
    title: 'Read buffer',
    description: 'Accepted for GOST: datagrams are never cut here.',
    default: value,
    unit: 'bytes',
    aliases: ['udp.bufferSize'],
  });
const readQueueSize = (value: number) =>
  integer({
    title: 'Queue of a client',
    description: 'Datagrams kept while the way out is being made.',
    default: value,
    min: 1,
    unit: 'datagrams',
    aliases: ['recvQueueSize'],
  });
const FACTS = { auth: false, udp: true, tls: false, forward: true };

interface Limits {
  readonly ttl: number;
  readonly backlog: number;
  readonly readQueueSize: number;
}

function listener(
  { ttl, backlog, readQueueSize: queue }: Limits,
  open: (signal: AbortSignal) => Promise<PacketConn>,
): Listener {
  return {
    async listen(sink: ListenerSink, signal: AbortSignal): Promise<Bound> {
      const port = await open(signal);
      const end = sortFlows(
        port,
        { ttlMs: ttl, queue, backlog },
        (client) => sink.admits(client),
        (flow) => sink.packets(flow),
      );
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      const closed = port.closed.then(() => {
        signal.removeEventListener('abort', end);
        return signal.aborted ? null : new ProxyError('reset', { side: 'The far end of the port' });
      });
      return { addresses: [port.local], closed };
    },
  };
}

export const udpListener = defineListener({
  type: 'udp',
  title: 'UDP port',
  summary: 'Takes datagrams on a port of this machine.',
  facts: FACTS,
  options: z.object({
    keepalive: flag({
      title: 'Keep clients',
      description: 'Accepted for GOST: here every answer reaches its client, with or without it.',
      default: false,
    }),
    ...common,
    readBufferSize: readBufferSize(4096),
    readQueueSize: readQueueSize(128),
  }),
  create: (options, { address }) => listener(options, () => bindUdp(address)),
});

export const rudpListener = defineListener({
  type: 'rudp',
  title: 'Remote UDP port',
  summary: 'Takes datagrams on a port at the far end of a chain.',
  facts: FACTS,
  options: z.object({ ...common, readBufferSize: readBufferSize(8192), readQueueSize: readQueueSize(1024) }),
  create: (options, { address, route }) =>
    listener(options, async (signal) => (await route(signal)).listenPackets(address, signal)),
});
