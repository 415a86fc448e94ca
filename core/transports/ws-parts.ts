/**
 * The parts of the `ws` library that sit below its WebSocket class, with types: its own typings do not declare them.
 * We need the parts because the class answers a peer's FIN by ending its own side, and a proxied stream must be able to
 * be half closed (shared finding: GOST maps half-close to TCP half-close of the socket below).
 */
import type { Duplex, Writable } from 'node:stream';
import * as ws from 'ws';

/** Decodes frames written to it; emits 'message', 'ping', 'pong', 'conclude' (close frame), 'error', 'drain'. */
export interface Receiver extends Pick<Writable, 'write' | 'end' | 'destroy' | 'writableEnded'> {
  on(event: 'message', listener: (data: Buffer, binary: boolean) => void): this;
  on(event: 'ping' | 'pong', listener: (data: Buffer) => void): this;
  on(event: 'conclude', listener: (code: number, reason: Buffer) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'drain' | 'finish', listener: () => void): this;
}

export interface Sender {
  send(data: Buffer, options: SendOptions, done?: (error?: Error | null) => void): void;
  ping(data: Buffer, mask: boolean): void;
  pong(data: Buffer, mask: boolean): void;
  close(code: number, reason: string, mask: boolean, done?: () => void): void;
}

interface SendOptions {
  readonly binary: boolean;
  readonly compress: boolean;
  readonly fin: boolean;
  readonly mask: boolean;
}

/** permessage-deflate state of one connection (RFC 7692). */
export interface Deflate {
  offer(): object;
  accept(offers: object[]): object;
  cleanup(): void;
}

interface Parts {
  readonly Receiver: new (options: {
    isServer: boolean;
    maxPayload: number;
    extensions: Record<string, Deflate>;
    skipUTF8Validation: boolean;
  }) => Receiver;
  readonly Sender: new (socket: Duplex, extensions: Record<string, Deflate>) => Sender;
  readonly PerMessageDeflate: new (options: {
    isServer: boolean;
    serverNoContextTakeover: boolean;
    clientNoContextTakeover: boolean;
    maxPayload: number;
    threshold: number;
  }) => Deflate;
  readonly extension: {
    parse(header: string): Record<string, object[]>;
    format(extensions: Record<string, object>): string;
  };
}

function hasParts(module: object): module is Parts {
  return ['Receiver', 'Sender', 'PerMessageDeflate', 'extension'].every((name) => name in module);
}

function load(): Parts {
  if (!hasParts(ws))
    throw new Error('this version of the ws package does not export its Receiver and Sender');
  return ws;
}

export const { Receiver, Sender, PerMessageDeflate, extension } = load();
