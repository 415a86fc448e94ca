/**
 * A route is a way to connect; a node turns one route into another; a chain is a left fold over its nodes.
 *
 *     chainOf([a, b], direct) = through(b, through(a, direct))
 *
 * To connect through `b`, its dialer connects to b's address over the route through `a`, then b's connector asks for the
 * target on the stream that made. First hop, last hop, TLS and shared sessions need no special case; UDP and BIND neither.
 */
import type { ErrorCode } from '../contract/errors.ts';
import { ProxyError, toProxyError } from '../errors.ts';
import { formatAddress, isUnspecified } from '../net/address.ts';
import type { Conn, Incoming } from '../net/conn.ts';
import type { ChainNode, Route } from '../roles.ts';

/** Hears how far an attempt has come; for deadlines and probes, which want to know who they wait for. */
export interface RouteWatch {
  dialling(node: ChainNode): void;
  /** The stream to the node stands; what comes next is the node's answer. */
  reached(node: ChainNode): void;
  /** The node did what it was asked. */
  answered(node: ChainNode): void;
}

/** What a failed dial to a node says by itself; everything else becomes "this node can not be reached". */
const TOLD: ReadonlySet<ErrorCode> = new Set([
  'hop_unreachable',
  'hop_protocol',
  'hop_auth',
  'hop_no_udp',
  'no_node',
  'tls',
  'unsupported',
  'descriptors',
  'config',
  'limit',
  'stopping',
  'aborted',
  'closed_by_user',
  'client_gone',
  'bug',
]);

/**
 * The route through `nodes` in the order of travel; `direct` itself when there are none. `client` is whose it is, for nodes that keep
 * clients apart.
 */
export function chainOf(nodes: readonly ChainNode[], direct: Route, watch?: RouteWatch, client = ''): Route {
  return nodes.reduce((via, node) => through(node, via, watch, client), direct);
}

/** The same way out with some verbs of its own. A route may be a class: it can not be spread. */
export function rerouted(via: Route, own: Partial<Route>): Route {
  return {
    path: via.path,
    connect: (dst, signal) => via.connect(dst, signal),
    associate: (signal, peer) => via.associate(signal, peer),
    bind: (dst, signal) => via.bind(dst, signal),
    listen: (address, signal) => via.listen(address, signal),
    listenPackets: (address, signal) => via.listenPackets(address, signal),
    resolve: (question, signal) => via.resolve(question, signal),
    ...own,
  };
}

/**
 * One hop more. Errors name the hop they are about; a stream whose connector fails is destroyed. What the target's side
 * answered (`refused`, hop_refused of this node) comes out as it is.
 */
export function through(node: ChainNode, via: Route, watch?: RouteWatch, client = ''): Route {
  const { name: hop } = node;
  const connector = node.connector.forClient?.(client) ?? node.connector;

  const dial = async (signal: AbortSignal): Promise<Conn> => {
    watch?.dialling(node);
    try {
      const conn = await node.dialer.dial(node.addr, via, signal);
      conn.on('error', ignore); // from here to its end somebody must hear its errors
      watch?.reached(node);
      return conn;
    } catch (error) {
      throw signal.aborted ? error : unreachable(node, via, error);
    }
  };

  const ask = async <T>(signal: AbortSignal, verb: (conn: Conn) => Promise<T>): Promise<T> => {
    const conn = await dial(signal);
    try {
      const result = await verb(conn);
      watch?.answered(node);
      return result;
    } catch (error) {
      conn.destroy();
      if (error instanceof ProxyError) throw error;
      throw unreachable(node, via, error);
    }
  };

  return {
    path: [...via.path, hop],
    connect: (dst, signal) => ask(signal, (conn) => connector.connect(conn, dst, signal)),
    associate: async (signal, peer) => {
      const associate = connector.associate?.bind(connector);
      if (associate === undefined)
        throw new ProxyError('hop_no_udp', { hop, reason: 'it only carries TCP.' });
      return ask(signal, (conn) => associate(conn, node.addr, via, signal, dial, peer));
    },
    bind: async (dst, signal) => {
      const bind = connector.bind?.bind(connector);
      if (bind === undefined) throw unsupported('BIND', hop);
      return reachableAt(node, await ask(signal, (conn) => bind(conn, dst, signal)));
    },
    listen: async (address, signal) => {
      const listen = connector.listen?.bind(connector);
      if (listen === undefined) throw unsupported('Listening at the far end', hop);
      return ask(signal, (conn) => listen(conn, address, signal, dial));
    },
    listenPackets: async (address, signal) => {
      const listenPackets = connector.listenPackets?.bind(connector);
      if (listenPackets === undefined) throw unsupported('Listening for datagrams at the far end', hop);
      return ask(signal, (conn) => listenPackets(conn, address, signal));
    },
    resolve: async (question, signal) => {
      const resolve = connector.resolve?.bind(connector);
      if (resolve === undefined) throw unsupported('Looking up names at the far end', hop);
      return ask(signal, (conn) => resolve(conn, question, signal));
    },
  };
}

/** Why the dial to `node` failed, told about `node` unless the error is about an earlier hop or not about a hop at all. */
function unreachable(node: ChainNode, via: Route, thrown: unknown): ProxyError {
  const error = toProxyError(thrown, { hop: node.name, target: formatAddress(node.addr), side: node.name });
  const own = error.code === 'hop_refused' && error.detail['hop'] === node.name;
  if (TOLD.has(error.code) || own) return error;
  const before = via.path.at(-1);
  const reason =
    before === undefined || error.code === 'hop_refused' ? error.message : `${before} says: ${error.message}`;
  const rep = error.rep === null ? {} : { rep: error.rep };
  return new ProxyError('hop_unreachable', { hop: node.name, reason }, { cause: error, ...rep });
}

function unsupported(what: string, by: string): ProxyError {
  return new ProxyError('unsupported', { what, by });
}

/** A proxy that bound 0.0.0.0 means its own address. */
function reachableAt(node: ChainNode, incoming: Incoming): Incoming {
  if (!isUnspecified(incoming.local.host)) return incoming;
  return {
    local: { host: node.addr.host, port: incoming.local.port },
    accept: (signal) => incoming.accept(signal),
    close: () => incoming.close(),
  };
}

function ignore(): void {}
