/**
 * smux over any stream: options as GOST names them (`mux.*`), and sessions as a pool wants them.
 * Which end is smux's client is the caller's business: for carriers it is the dialer, for MBIND the SOCKS server.
 */
import * as z from 'zod';
import { Session, type SessionOptions, type Stream } from 'smux-ts';
import { ProxyError } from '../errors.ts';
import type { Conn } from '../net/conn.ts';
import { duration, flag, integer } from '../options.ts';
import type { PooledSession } from './pool.ts';

/** Options of every component that multiplexes; `version` 2 is GOST's default for mtcp only. */
export function muxShape(version: 1 | 2): {
  'mux.version': z.ZodDefault<z.ZodNumber>;
  'mux.keepaliveDisabled': z.ZodDefault<z.ZodBoolean>;
  'mux.keepaliveInterval': z.ZodDefault<z.ZodNumber>;
  'mux.keepaliveTimeout': z.ZodDefault<z.ZodNumber>;
  'mux.maxFrameSize': z.ZodDefault<z.ZodNumber>;
  'mux.maxReceiveBuffer': z.ZodDefault<z.ZodNumber>;
  'mux.maxStreamBuffer': z.ZodDefault<z.ZodNumber>;
} {
  return {
    'mux.version': integer({
      title: 'smux version',
      description: 'Both ends must use the same: 1, or 2 with a window per stream.',
      default: version,
      min: 1,
      max: 2,
    }),
    'mux.keepaliveDisabled': flag({
      title: 'No keepalive',
      description: 'Send no keepalive frames and never give up on a silent peer.',
      default: false,
    }),
    'mux.keepaliveInterval': duration({
      title: 'Keepalive interval',
      description: 'How often a keepalive frame is sent.',
      defaultMs: 10_000,
    }),
    'mux.keepaliveTimeout': duration({
      title: 'Keepalive timeout',
      description: 'The session ends when nothing was received for this long.',
      defaultMs: 30_000,
    }),
    'mux.maxFrameSize': integer({
      title: 'Largest frame',
      description: 'Payload of one frame we send.',
      default: 32_768,
      min: 1,
      max: 65_535,
      unit: 'bytes',
    }),
    'mux.maxReceiveBuffer': integer({
      title: 'Session buffer',
      description: 'Unread bytes of all streams at which reading pauses.',
      default: 4_194_304,
      min: 1,
      unit: 'bytes',
    }),
    'mux.maxStreamBuffer': integer({
      title: 'Stream buffer',
      description: 'Window announced for each stream (version 2).',
      default: 65_536,
      min: 1,
      unit: 'bytes',
    }),
  };
}

export type MuxOptions = {
  readonly [Key in keyof ReturnType<typeof muxShape>]: z.output<ReturnType<typeof muxShape>[Key]>;
};

/** The settings of smux-ts for these options. */
export function muxConfig(options: MuxOptions): SessionOptions {
  return {
    version: options['mux.version'] === 2 ? 2 : 1,
    keepAliveDisabled: options['mux.keepaliveDisabled'],
    keepAliveIntervalMs: options['mux.keepaliveInterval'],
    keepAliveTimeoutMs: options['mux.keepaliveTimeout'],
    maxFrameSize: options['mux.maxFrameSize'],
    maxReceiveBuffer: options['mux.maxReceiveBuffer'],
    maxStreamBuffer: Math.min(options['mux.maxStreamBuffer'], options['mux.maxReceiveBuffer']),
  };
}

/** The dialling side: opens streams. Owns `conn`. */
export function muxClient(conn: Conn, options: MuxOptions, hop: string): PooledSession {
  const session = Session.client(conn, { ...muxConfig(options), onStream: (stream) => stream.destroy() });
  return {
    get usable() {
      return !session.destroyed;
    },
    open: () => {
      try {
        return Promise.resolve(session.open());
      } catch (error) {
        return Promise.reject(
          new ProxyError(
            'hop_unreachable',
            { hop, reason: 'its shared session has ended' },
            { cause: error },
          ),
        );
      }
    },
    close: () => session.close(),
  };
}

/** The accepting side: calls back with every stream the peer opens. Owns `conn`; resolves when the session is over. */
export function muxServer(
  conn: Conn,
  options: MuxOptions,
  onStream: (stream: Stream) => void,
): { ended: Promise<unknown>; close(): void } {
  const session = Session.server(conn, { ...muxConfig(options), onStream });
  return { ended: session.closed, close: () => session.close() };
}
