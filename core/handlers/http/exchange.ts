/**
 * One forwarded request: a connection to the target of its own, the request re-framed onto it, the response re-framed back.
 * Node's client and server do parsing and framing on both sides, so that no length or chunk of one side is ever taken for
 * the other's (promise 49). The connection to the target goes through `splice`, which counts and resets as everywhere.
 */
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { duplexPair, pipeline, type Duplex } from 'node:stream';
import { ProxyError, toProxyError } from '../../errors.ts';
import { formatAddress } from '../../net/address.ts';
import type { Conn } from '../../net/conn.ts';
import { reset } from '../../net/reset.ts';
import { splice } from '../../net/splice.ts';
import type { Session } from '../../roles.ts';
import { endToEnd, type Forwarded } from './message.ts';

export interface Exchange {
  /** The client's connection, which `request` and `response` belong to. */
  readonly conn: Conn;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly forwarded: Forwarded;
  /** The way to the target; owned from here on. */
  readonly out: Conn;
  readonly session: Session;
  readonly idleMs: number;
}

/** Resolves when the response has been handed over whole. Rejects while `response` is untouched, or having cut it off. */
export async function forward(exchange: Exchange): Promise<void> {
  const { request, forwarded, out, session, idleMs } = exchange;
  const [near, far] = duplexPair();
  const carried = splice(far, out, {
    signal: session.signal,
    counters: session.stats,
    meters: session.meters,
    idleMs,
  });
  carried.catch((error: unknown) => near.destroy(toProxyError(error))); // the two ends of a pair do not share their fate
  const upstream = ask(request, forwarded, near);
  try {
    await relay(exchange, upstream);
  } finally {
    upstream.destroy();
    near.destroy();
    out.destroy();
    await carried.catch(() => undefined); // why it broke is known above, or it had done its work
  }
}

function ask(request: IncomingMessage, { path, host }: Forwarded, near: Duplex): ClientRequest {
  const method = request.method ?? 'GET';
  const chunked = request.headers['transfer-encoding'] !== undefined;
  const fields = ['Host', host, ...endToEnd(request, ['host', 'expect'])];
  if (chunked) fields.push('Transfer-Encoding', 'chunked');
  else if (
    request.headers['content-length'] === undefined &&
    !/^(GET|HEAD|DELETE|OPTIONS|TRACE)$/.test(method)
  ) {
    fields.push('Content-Length', '0'); // else Node would announce a chunked body that is not there
  }
  if (request.headers.expect !== undefined) fields.push('Expect', '100-continue');
  return httpRequest({ method, path, headers: fields, setHost: false, createConnection: () => near });
}

function relay({ conn, request, response, forwarded }: Exchange, upstream: ClientRequest): Promise<void> {
  const target = formatAddress(forwarded.target);
  return new Promise((resolve, reject) => {
    let cause: ProxyError | null = null;
    const fail = (error: unknown): void => {
      cause ??= toProxyError(error, { target, side: target });
      request.unpipe(upstream);
      request.resume();
      upstream.destroy();
      // half a response must not look like a whole one, least of all where its end is the end of the connection
      if (response.headersSent && !response.writableFinished) reset(conn);
      reject(cause);
    };
    response.once('close', () => {
      if (!response.writableFinished) fail(new ProxyError('client_gone'));
    });
    upstream.on('error', fail);
    upstream.on('continue', () => response.writeContinue());
    upstream.on('information', ({ statusCode, headers }) => {
      if (statusCode === 102) response.writeProcessing();
      if (statusCode === 103 && headers.link !== undefined) response.writeEarlyHints({ link: headers.link });
    });
    upstream.on('response', (answer) => {
      answer.once('error', fail);
      answer.once('end', () => response.addTrailers(trailersOf(answer)));
      response.sendDate = false;
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer));
      pipeline(answer, response, (error) => {
        if (error instanceof Error) fail(error);
        else resolve();
      });
    });
    request.pipe(upstream);
  });
}

function trailersOf(answer: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < answer.rawTrailers.length; at += 2) {
    pairs.push([answer.rawTrailers[at] ?? '', answer.rawTrailers[at + 1] ?? '']);
  }
  return pairs;
}
