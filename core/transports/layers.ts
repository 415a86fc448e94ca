/**
 * The accept side of carriers, layer over layer: TLS, WebSocket, smux, HTTP/2, gRPC. A layer takes a stream that the layer
 * below finished and gives on what it makes of it, one stream or many. Handshakes have a deadline and a cap; a stream that
 * fails in one is destroyed and concerns nobody else.
 */
import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import { ProxyError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Address, Conn } from '../net/conn.ts';
import { openPort } from '../net/serve.ts';
import { abortReason, inTime } from '../net/within.ts';
import type { ServerTls, StateFolder } from '../registry.ts';
import type { Bound, ListenerSink } from '../roles.ts';
import { acceptStream, H2Acceptor, type H2Options } from './h2.ts';
import { GrpcConn } from './grpc.ts';
import { keepAlive } from './keepalive.ts';
import { muxServer, type MuxOptions } from './mux.ts';
import { TlsAcceptor } from './tls.ts';
import { WebSocketAcceptor, type ServerOptions } from './websocket.ts';

const HANDSHAKE_MS = 15_000;
/** Clients of one listener in the middle of a transport's handshake; more are turned away. */
const MAX_HANDSHAKES = 1024;

type Next = (conn: Conn, client: Address) => void;

export interface Layer {
  take(conn: Conn, client: Address, next: Next): void;
  /** Ends what the layer keeps for itself; streams it gave on live on unless they are inside a session. */
  close(): void;
}

/** Opens a TCP port and sends every accepted stream up through the layers to the sink. */
export async function listenThrough(
  address: Address,
  keepalive: Parameters<typeof keepAlive>[1],
  layers: readonly Layer[],
  sink: ListenerSink,
  signal: AbortSignal,
): Promise<Bound> {
  const top: Next = (conn, client) => sink.conn(conn, client);
  const bottom = layers.reduceRight<Next>(
    (next, layer) => (conn, client) => layer.take(conn, client, next),
    top,
  );
  const port = await openPort(address, (socket, client) => {
    if (!sink.admits(client, socket)) return void socket.destroy();
    keepAlive(socket, keepalive);
    bottom(socket, client);
  });
  const end = (): void => {
    port.close();
    for (const layer of layers) layer.close();
  };
  if (signal.aborted) {
    end();
    throw abortReason(signal);
  }
  signal.addEventListener('abort', end, { once: true });
  return { addresses: [port.local], closed: port.closed };
}

/** TLS; `alpn` is what a carrier needs beside what the configuration asks for. */
export async function tlsLayer(
  tls: ServerTls | null,
  state: StateFolder | null,
  log: Log,
  alpn: readonly string[] = [],
): Promise<Layer> {
  const settings =
    alpn.length === 0 || tls === null ? tls : { ...tls, alpn: tls.alpn.length === 0 ? alpn : tls.alpn };
  const acceptor = await TlsAcceptor.create(settings ?? plainTls(alpn), state, log);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // one listener per handshake is as meant
  let handshakes = 0;
  return {
    take: (conn, client, next) => {
      if (handshakes >= MAX_HANDSHAKES) return void conn.destroy();
      handshakes += 1;
      void inTime(stop.signal, HANDSHAKE_MS, () => acceptor.accept(conn), late)
        .then(
          (secure) => next(secure, client),
          (error: unknown) => {
            conn.destroy();
            log.debug('tls_handshake_failed', { client, error });
          },
        )
        .finally(() => (handshakes -= 1));
    },
    close: () => stop.abort(new ProxyError('stopping')),
  };
}

export function websocketLayer(options: ServerOptions & { handshakeMs: number }): Layer {
  const clients = new WeakMap<Duplex, { client: Address; next: Next }>();
  const acceptor = new WebSocketAcceptor(options, (conn, below) => {
    const known = clients.get(below);
    if (known === undefined) conn.destroy();
    else known.next(conn, known.client);
  });
  return {
    take: (conn, client, next) => {
      clients.set(conn, { client, next });
      acceptor.accept(conn, options.handshakeMs);
    },
    close: () => acceptor.close(),
  };
}

/** Every stream of a session is a client of its own. A stopped listener lets its sessions finish with their streams. */
export function muxLayer(options: MuxOptions, log: Log): Layer {
  return {
    take: (conn, client, next) => {
      const { ended } = muxServer(conn, options, (stream) => {
        stream.on('error', ignore);
        next(stream, client);
      });
      void ended.then((error) => {
        if (error !== null) log.debug('mux_session_ended', { client, error });
      });
    },
    close: ignore,
  };
}

export function h2Layer(options: H2Options): Layer {
  const taken = new WeakMap<Conn, { client: Address; next: Next }>();
  const acceptor = new H2Acceptor((stream, headers, below) => {
    const known = taken.get(below);
    if (known === undefined) stream.destroy();
    else if (acceptStream(stream, headers, options)) known.next(stream, known.client);
  });
  return {
    take: (conn, client, next) => {
      taken.set(conn, { client, next });
      acceptor.accept(conn);
    },
    close: ignore,
  };
}

export function grpcLayer(path: string): Layer {
  const taken = new WeakMap<Conn, { client: Address; next: Next }>();
  const acceptor = new H2Acceptor((stream, headers, below) => {
    const known = taken.get(below);
    if (known === undefined) return void stream.destroy();
    if (headers[':method'] !== 'POST' || headers[':path'] !== path) {
      // gRPC tells of an unknown method in the trailers of a proper answer
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' },
        { endStream: true },
      );
      return;
    }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    known.next(new GrpcConn(stream, below), known.client);
  });
  return {
    take: (conn, client, next) => {
      taken.set(conn, { client, next });
      acceptor.accept(conn);
    },
    close: ignore,
  };
}

function plainTls(alpn: readonly string[]): ServerTls {
  return { certFile: null, keyFile: null, caFile: null, minVersion: null, maxVersion: null, alpn };
}

function late(): ProxyError {
  return new ProxyError('handshake_timeout', { seconds: HANDSHAKE_MS / 1000 });
}

function ignore(): void {}
