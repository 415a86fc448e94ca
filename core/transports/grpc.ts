/**
 * gRPC as a carrier (GOST grpc): a bidirectional stream of `Chunk { bytes data = 1 }` on `/GostTunel/Tunnel`, spelled so.
 * Each message is `0 | length(4, BE) | 0x0a | varint length | data`; boundaries carry no meaning. gRPC has half-close towards
 * the server only: a server that ends its side ends the call with trailers.
 */
import type http2 from 'node:http2';
import { Duplex } from 'node:stream';
import { ProxyError, toProxyError } from '../errors.ts';
import type { Conn } from '../net/conn.ts';
import { afterLast } from './after-last.ts';

export const GRPC_PATH = '/GostTunel/Tunnel';
const MAX_MESSAGE = 4 * 1024 * 1024;
/** Payload per message: well below every implementation's limit of 4 MiB. */
const PIECE = 64 * 1024;

/** Headers of the call. */
export function grpcRequest(
  path: string,
  authority: string,
  scheme: 'http' | 'https',
): http2.OutgoingHttpHeaders {
  return {
    ':method': 'POST',
    ':scheme': scheme,
    ':authority': authority,
    ':path': path,
    'content-type': 'application/grpc',
    'user-agent': 'grpc-go/1.0',
    te: 'trailers',
  };
}

/** Wraps a data field into one message: prefix of the gRPC framing and of the protobuf field. */
export function encodeMessage(data: Buffer): Buffer {
  const varint: number[] = [];
  for (let rest = data.length; ; rest >>>= 7) {
    varint.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) break;
  }
  const head = Buffer.alloc(6 + varint.length);
  head.writeUInt32BE(1 + varint.length + data.length, 1);
  head[5] = 0x0a;
  head.set(varint, 6);
  return Buffer.concat([head, data]);
}

/** Takes bytes in any split; gives the data of each complete message. Throws ProxyError('malformed'). */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  *feed(chunk: Buffer): Generator<Buffer> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 5) {
      const length = this.#rest.readUInt32BE(1);
      if (this.#rest[0] !== 0 || length > MAX_MESSAGE)
        throw new ProxyError('malformed', { protocol: 'gRPC' });
      if (this.#rest.length < 5 + length) return;
      const message = this.#rest.subarray(5, 5 + length);
      this.#rest = this.#rest.subarray(5 + length);
      const data = dataOf(message);
      if (data.length > 0) yield data;
    }
  }
}

/** Field 1 of a Chunk; unknown fields are skipped as protobuf asks. */
function dataOf(message: Buffer): Buffer {
  let at = 0;
  let data: Buffer = Buffer.alloc(0);
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = message[at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new ProxyError('malformed', { protocol: 'gRPC' });
  };
  while (at < message.length) {
    const tag = varint();
    switch (tag & 7) {
      case 0:
        varint();
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        if (at + length > message.length) throw new ProxyError('malformed', { protocol: 'gRPC' });
        if (tag >> 3 === 1) data = message.subarray(at, at + length);
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        throw new ProxyError('malformed', { protocol: 'gRPC' });
    }
  }
  return data;
}

/** Hears of what passes in a client's call. */
export interface GrpcActivity {
  /** Something came from the server. */
  heard(): void;
  said(): void;
}

/** The byte stream inside one gRPC call, either side. */
export class GrpcConn extends Duplex implements Conn {
  readonly #stream: http2.Http2Stream;
  readonly #reader = new MessageReader();
  readonly #hop: string;
  readonly #activity: GrpcActivity | null;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;

  /** `hop` names the server of a client's call in errors. */
  constructor(
    stream: http2.ClientHttp2Stream | http2.ServerHttp2Stream,
    below: Conn,
    hop = 'The gRPC peer',
    activity: GrpcActivity | null = null,
  ) {
    super({ allowHalfOpen: true });
    this.#hop = hop;
    this.#activity = activity;
    this.#stream = stream;
    this.remoteAddress = below.remoteAddress;
    this.remotePort = below.remotePort;
    stream.on('data', (chunk: Buffer) => {
      activity?.heard();
      try {
        for (const data of this.#reader.feed(chunk)) if (!this.push(data)) stream.pause();
      } catch (error) {
        this.destroy(toProxyError(error));
      }
    });
    stream.on('end', () => this.push(null));
    stream.on('response', (headers: http2.IncomingHttpHeaders) => this.#answered(headers));
    stream.on('error', (error: Error) => this.destroy(error));
    stream.on('close', () => {
      if (!stream.readableEnded) this.destroy(new ProxyError('reset', { side: 'The gRPC peer' }));
      else if (!this.writableFinished) afterLast(this);
    });
    // a server ends its side with the status of the call
    if ('sendTrailers' in stream) {
      stream.on('wantTrailers', () => {
        if (!stream.closed && !stream.destroyed) stream.sendTrailers({ 'grpc-status': '0' });
      });
    }
  }

  /**
   * A server answers a call when it sends its first message, not when it takes the call, so a client writes before it knows.
   * A refusal is an answer without messages: its status stands among the headers.
   */
  #answered(headers: http2.IncomingHttpHeaders): void {
    const status = headers[':status'] ?? 0;
    const grpcStatus = headers['grpc-status'] ?? '0';
    if (Number(status) === 200 && grpcStatus === '0') return;
    const reason =
      Number(status) === 200
        ? `it ended the call with status ${String(grpcStatus)}`
        : `it answered HTTP ${String(status)}`;
    this.destroy(new ProxyError('hop_protocol', { hop: this.#hop, protocol: 'gRPC', reason }));
  }

  override _read(): void {
    this.#stream.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#activity?.said();
    for (let at = 0; at < chunk.length; at += PIECE) {
      const last = at + PIECE >= chunk.length;
      this.#stream.write(encodeMessage(chunk.subarray(at, at + PIECE)), last ? done : undefined);
    }
    if (chunk.length === 0) done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#stream.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stream.destroy();
    done(error);
  }
}
