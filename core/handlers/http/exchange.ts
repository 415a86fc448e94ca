/**
 * One forwarded request: re-framed onto a way to the target, the response re-framed back. Node's client and server do parsing and
 * framing on both sides, so that no length or chunk of one side is ever taken for the other's (promise 49).
 */
import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ProxyError, toProxyError } from '../../errors.ts';
import { formatAddress } from '../../net/address.ts';
import type { Conn } from '../../net/conn.ts';
import { reset } from '../../net/reset.ts';
import { endToEnd, hasBody, type Forwarded } from './message.ts';
import type { Way } from './way.ts';

export interface Exchange {
  /** The client's connection, which `request` and `response` belong to. */
  readonly conn: Conn;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly forwarded: Forwarded;
  readonly way: Way;
  /** Leave the way open for the next request. */
  readonly keep: boolean;
  /** Ask for gzip where the client asked for nothing, and unpack it. */
  readonly compression: boolean;
}

/** What became of an exchange that did not fail. */
export interface Outcome {
  /** The way can carry another request. */
  readonly reusable: boolean;
}

/**
 * Resolves when the response has been handed over whole. Rejects while `response` is untouched, or having cut it off; `Stale` when the
 * target had closed a kept way before it saw the request, which may then go over a new one.
 */
export async function forward(exchange: Exchange): Promise<Outcome> {
  const { way, request } = exchange;
  way.begin();
  const { upstream, packed } = ask(exchange);
  try {
    const answer = await relay(exchange, upstream, packed);
    const reusable = exchange.keep && upstream.shouldKeepAlive && answer.complete && request.complete;
    if (!reusable) upstream.destroy();
    return { reusable };
  } catch (error) {
    upstream.destroy();
    throw error;
  } finally {
    way.end();
  }
}

/** A kept way turned out to be closed; nothing of the request was used up. */
export class Stale extends Error {}

/** `packed`: gzip was asked for on the proxy's own account. */
function ask({ request, forwarded, way, keep, compression }: Exchange): {
  upstream: ClientRequest;
  packed: boolean;
} {
  const { path, host } = forwarded;
  const method = request.method ?? 'GET';
  const { headers } = request;
  const fields = ['Host', host, ...endToEnd(request, ['host', 'expect'])];
  if (headers['transfer-encoding'] !== undefined) fields.push('Transfer-Encoding', 'chunked');
  else if (headers['content-length'] === undefined && !/^(GET|HEAD|DELETE|OPTIONS|TRACE)$/.test(method)) {
    fields.push('Content-Length', '0'); // else Node would announce a chunked body that is not there
  }
  if (headers.expect !== undefined) fields.push('Expect', '100-continue');
  const packed =
    compression &&
    method !== 'HEAD' &&
    headers['accept-encoding'] === undefined &&
    headers.range === undefined;
  if (packed) fields.push('Accept-Encoding', 'gzip');
  if (!keep) fields.push('Connection', 'close');
  return {
    upstream: httpRequest({ method, path, headers: fields, setHost: false, agent: way.agent }),
    packed,
  };
}

function relay(
  { conn, request, response, forwarded }: Exchange,
  upstream: ClientRequest,
  packed: boolean,
): Promise<IncomingMessage> {
  const target = formatAddress(forwarded.target);
  return new Promise((resolve, reject) => {
    let cause: ProxyError | null = null;
    let answered = false;
    const fail = (error: unknown): void => {
      cause ??= toProxyError(error, { target, side: target });
      request.unpipe(upstream);
      request.resume();
      upstream.destroy();
      // half a response must not look like a whole one, least of all where its end is the end of the connection
      if (response.headersSent && !response.writableFinished) reset(conn);
      reject(cause);
    };
    const onClose = (): void => {
      if (!response.writableFinished) fail(new ProxyError('client_gone'));
    };
    response.once('close', onClose);
    upstream.on('error', (error) => {
      const again = /^(GET|HEAD|OPTIONS|TRACE)$/.test(request.method ?? '') && !hasBody(request);
      if (!upstream.reusedSocket || answered || !again || response.destroyed) return fail(error);
      response.off('close', onClose);
      reject(new Stale());
    });
    upstream.on('continue', () => response.writeContinue());
    upstream.on('information', ({ statusCode, headers }) => {
      if (statusCode === 102) response.writeProcessing();
      if (statusCode === 103 && headers.link !== undefined) response.writeEarlyHints({ link: headers.link });
    });
    upstream.on('response', (answer) => {
      answered = true;
      const unpack = packed && /^(x-)?gzip$/i.test(answer.headers['content-encoding'] ?? '');
      answer.once('error', fail);
      answer.once('end', () => response.addTrailers(trailersOf(answer)));
      response.sendDate = false;
      const fields = endToEnd(answer, unpack ? ['content-encoding', 'content-length'] : []);
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, fields);
      const done = (error: unknown): void => {
        if (error instanceof Error) fail(error);
        else resolve(answer);
      };
      if (unpack) pipeline(answer, createGunzip(), response, done);
      else pipeline(answer, response, done);
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
