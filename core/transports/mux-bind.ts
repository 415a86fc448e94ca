/**
 * A port at one end of a stream whose accepted peers arrive at the other end: smux with its roles reversed, the end that
 * listens opens a stream per peer (GOST MBIND and relay BIND). What is written first on each stream names the peer; that
 * preface is the protocol's business and comes in as a function.
 */
import { Session } from 'smux-ts';
import { ProxyError } from '../errors.ts';
import type { Acceptor, Address, Conn, Incoming } from '../net/conn.ts';
import { abortReason } from '../net/within.ts';
import { muxConfig, type MuxOptions } from './mux.ts';

/** Streams whose preface is still being read, at most; a peer that never sends one must not fill memory. */
const MAX_NAMELESS = 256;
const PREFACE_MS = 10_000;

/**
 * The end that listens: every peer the acceptor takes gets a stream, which `carry` fills until both are over.
 * Owns `conn` and the acceptor; resolves when either has ended.
 */
export async function offerPeers(
  conn: Conn,
  acceptor: Acceptor,
  options: MuxOptions,
  signal: AbortSignal,
  carry: (stream: Conn, peer: Conn, from: Address) => void,
): Promise<void> {
  const session = Session.client(conn, { ...muxConfig(options), onStream: (stream) => stream.destroy() });
  const end = (): void => session.close();
  signal.addEventListener('abort', end, { once: true });
  acceptor.accept((peer, from) => {
    if (session.destroyed) peer.destroy();
    else carry(session.open(), peer, from);
  });
  try {
    const failure = await Promise.race([session.closed, acceptor.closed]);
    if (failure !== null) throw new ProxyError('reset', { side: 'The far end' }, { cause: failure });
  } finally {
    signal.removeEventListener('abort', end);
    acceptor.close();
    session.close();
  }
}

/**
 * The end that uses the port. `name` reads the preface of a stream and returns the peer's address. Owns `conn`: closing the
 * acceptor ends it, and its end settles `closed`.
 */
export function takePeers(
  conn: Conn,
  local: Address,
  options: MuxOptions,
  name: (stream: Conn) => Promise<Address>,
): Acceptor {
  let sink: ((peer: Conn, from: Address) => void) | null = null;
  let nameless = 0;
  const session = Session.server(conn, muxConfig(options));
  const take = async (stream: Conn): Promise<void> => {
    stream.on('error', () => undefined);
    if (nameless >= MAX_NAMELESS) return void stream.destroy();
    nameless += 1;
    const timer = setTimeout(() => stream.destroy(), PREFACE_MS);
    try {
      const from = await name(stream);
      if (sink === null) stream.destroy();
      else sink(stream, from);
    } catch {
      stream.destroy();
    } finally {
      clearTimeout(timer);
      nameless -= 1;
    }
  };
  return {
    local,
    closed: session.closed.then((error) =>
      error === null ? null : new ProxyError('reset', { side: 'The far end of the port' }, { cause: error }),
    ),
    accept: (taker) => {
      sink = taker;
      session.onStream = (stream) => void take(stream);
    },
    close: () => session.close(),
  };
}

/**
 * A port for one peer out of one for many, for protocols that have only those. Owns `port`, which stays open as long as the
 * peer's stream, because it carries that; whoever else comes is turned away.
 */
export function firstPeer(port: Acceptor): Incoming {
  let taken = false;
  return {
    local: port.local,
    accept: (signal) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          port.close();
          reject(abortReason(signal));
        };
        if (signal.aborted) return stop();
        signal.addEventListener('abort', stop, { once: true });
        port.accept((conn, peer) => {
          if (taken) return void conn.destroy();
          taken = true;
          signal.removeEventListener('abort', stop);
          conn.once('close', () => port.close());
          resolve({ conn, peer });
        });
        void port.closed.then((reason) => {
          signal.removeEventListener('abort', stop);
          reject(reason ?? new ProxyError('reset', { side: 'The far end of the port' }));
        });
      }),
    close: () => {
      if (!taken) port.close();
    },
  };
}
