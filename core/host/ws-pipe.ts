/**
 * A WebSocket as a pipe of the contract, with everything a hostile or dead page must not do: flood, send what is no message, stop
 * reading. Any of it ends the connection; the page's own reconnect starts anew.
 */
import type { RawData, WebSocket } from 'ws';
import type { Pipe, ToWindow } from '../contract/api.ts';

export interface PipeLimits {
  /** Messages a second, on average; large ones count as several. */
  readonly perSecond: number;
  readonly burst: number;
  /** Bytes that may wait for a page that does not read. */
  readonly waitingBytes: number;
  /** A page that does not answer a ping before the next one is gone. */
  readonly pingMs: number;
  /** Messages that are none of the contract's before it is enough. */
  readonly misfits: number;
}

export const PIPE_LIMITS: PipeLimits = {
  perSecond: 100,
  burst: 400,
  waitingBytes: 16 << 20,
  pingMs: 15_000,
  misfits: 10,
};

/** A message of this many bytes counts as one. */
const COUNTED_BYTES = 16 << 10;
/** WebSocket close codes, RFC 6455 §7.4.1. */
const UNSUPPORTED_DATA = 1003;
const POLICY = 1008;

export interface GuardedPipe extends Pipe<ToWindow, unknown> {
  /** Tells of a message that parsed as JSON and yet was none of the contract's. */
  misfit(): void;
}

/** `refused` hears why a page was cut off. */
export function webSocketPipe(
  socket: WebSocket,
  limits: PipeLimits,
  refused: (why: string) => void,
): GuardedPipe {
  let tokens = limits.burst;
  let filledAt = performance.now();
  let misfits = 0;
  let alive = true;
  let ended = false;
  let listener: (message: unknown) => void = () => undefined;

  const end = (code: number, why: string): void => {
    if (ended) return;
    ended = true;
    refused(why);
    socket.close(code);
    // a page that floods or does not read will not take part in closing either
    socket.terminate();
  };
  const affordable = (bytes: number): boolean => {
    const now = performance.now();
    tokens = Math.min(limits.burst, tokens + ((now - filledAt) / 1000) * limits.perSecond);
    filledAt = now;
    tokens -= Math.max(1, bytes / COUNTED_BYTES);
    return tokens >= 0;
  };
  const misfit = (): void => {
    misfits += 1;
    if (misfits > limits.misfits) end(POLICY, 'messages that are none');
  };

  socket.on('message', (data: RawData, binary: boolean) => {
    if (ended) return;
    const bytes = Buffer.isBuffer(data) ? data : null;
    if (binary || bytes === null) return end(UNSUPPORTED_DATA, 'binary message');
    if (!affordable(bytes.length)) return end(POLICY, 'too many messages');
    let message: unknown;
    try {
      message = JSON.parse(bytes.toString('utf8'));
    } catch {
      return misfit();
    }
    listener(message);
  });
  // oversized frames and broken ones arrive here; ws closes the connection itself
  socket.on('error', (error) => refused(error.message));
  const beat = setInterval(() => {
    if (!alive) return end(POLICY, 'no answer to a ping');
    alive = false;
    socket.ping();
  }, limits.pingMs);
  beat.unref();
  socket.on('pong', () => {
    alive = true;
  });
  socket.on('close', () => {
    ended = true;
    clearInterval(beat);
  });

  return {
    send: (message) => {
      if (ended || socket.readyState !== socket.OPEN) return;
      socket.send(JSON.stringify(message));
      if (socket.bufferedAmount > limits.waitingBytes) end(POLICY, 'it does not read');
    },
    onMessage: (next) => {
      listener = next;
    },
    onClose: (closed) => void socket.on('close', closed),
    misfit,
  };
}
