/**
 * Bytes to frames, incrementally; sans I/O. It owns 16 bytes and never waits for a whole payload:
 * the bytes of a PSH frame are handed on as they come, as views of the caller's chunk, so a frame
 * split over several chunks arrives as several `data` calls and a frame size can not cost memory.
 *
 * Theory of operation. Between frames `#payloadLeft` is 0 and bytes are collected into a fixed part
 * of 8 (header) or 16 (UPD) bytes, straight from the chunk when it holds all of them. A PSH header
 * sets `#payloadLeft`; those bytes go to the sink before the next header. The first violation is
 * returned and latched: a decoder that failed or was stopped swallows everything after.
 */
import { SmuxError } from './errors.ts';
import { FIN, HEADER_BYTES, NOP, PSH, SYN, UPD, UPDATE_BYTES } from './frame.ts';

/** Where frames go. Calls come in wire order; `bytes` is a view of the chunk given to `push`. */
export interface FrameSink {
  syn(streamId: number): void;
  fin(streamId: number): void;
  data(streamId: number, bytes: Buffer): void;
  nop(): void;
  update(streamId: number, consumed: number, window: number): void;
}

export class Decoder {
  readonly #version: number;
  readonly #sink: FrameSink;
  readonly #part = Buffer.allocUnsafeSlow(HEADER_BYTES + UPDATE_BYTES);
  #partBytes = 0;
  #payloadLeft = 0;
  #streamId = 0;
  #stopped = false;

  constructor(version: 1 | 2, sink: FrameSink) {
    this.#version = version;
    this.#sink = sink;
  }

  /** True when the bytes so far end inside a frame. */
  get midFrame(): boolean {
    return this.#payloadLeft > 0 || this.#partBytes > 0;
  }

  /** Drops all further bytes; safe to call from inside a sink. */
  stop(): void {
    this.#stopped = true;
  }

  /** Decodes `chunk`. Returns the violation that ended decoding, null when all is well. */
  push(chunk: Buffer): SmuxError | null {
    let at = 0;
    while (at < chunk.length && !this.#stopped) {
      if (this.#payloadLeft > 0) {
        const size = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= size;
        this.#sink.data(this.#streamId, chunk.subarray(at, at + size));
        at += size;
        continue;
      }
      if (this.#partBytes === 0 && chunk.length - at >= HEADER_BYTES) {
        const size = this.#fixedBytes(chunk, at);
        if (chunk.length - at >= size) {
          const error = this.#frame(chunk, at);
          if (error !== null) return this.#fail(error);
          at += size;
          continue;
        }
      }
      const wanted = this.#partBytes < HEADER_BYTES ? HEADER_BYTES : this.#fixedBytes(this.#part, 0);
      const size = Math.min(wanted - this.#partBytes, chunk.length - at);
      chunk.copy(this.#part, this.#partBytes, at, at + size);
      this.#partBytes += size;
      at += size;
      if (this.#partBytes >= HEADER_BYTES && this.#partBytes >= this.#fixedBytes(this.#part, 0)) {
        this.#partBytes = 0;
        const error = this.#frame(this.#part, 0);
        if (error !== null) return this.#fail(error);
      }
    }
    return null;
  }

  /** Size of header plus fixed payload; a malformed UPD gets no payload: its header alone refuses it. */
  #fixedBytes(from: Buffer, at: number): number {
    const isUpdate =
      this.#version === 2 &&
      from[at] === 2 &&
      from[at + 1] === UPD &&
      from.readUInt16LE(at + 2) === UPDATE_BYTES;
    return isUpdate ? HEADER_BYTES + UPDATE_BYTES : HEADER_BYTES;
  }

  #fail(error: SmuxError): SmuxError {
    this.#stopped = true;
    return error;
  }

  /** One frame whose fixed part lies complete at `at`. */
  #frame(from: Buffer, at: number): SmuxError | null {
    const version = from.readUInt8(at);
    const command = from.readUInt8(at + 1);
    const length = from.readUInt16LE(at + 2);
    const streamId = from.readUInt32LE(at + 4);
    if (version !== this.#version) {
      return new SmuxError('bad_version', `frame has version ${version}, this session ${this.#version}`);
    }
    switch (command) {
      case PSH:
        this.#payloadLeft = length;
        this.#streamId = streamId;
        return null;
      case SYN:
        if (length !== 0) return badLength('SYN', length);
        this.#sink.syn(streamId);
        return null;
      case FIN:
        if (length !== 0) return badLength('FIN', length);
        this.#sink.fin(streamId);
        return null;
      case NOP:
        if (length !== 0) return badLength('NOP', length);
        this.#sink.nop();
        return null;
      case UPD:
        if (version !== 2) break;
        if (length !== UPDATE_BYTES) return badLength('UPD', length);
        this.#sink.update(streamId, from.readUInt32LE(at + HEADER_BYTES), from.readUInt32LE(at + 12));
        return null;
    }
    return new SmuxError('bad_command', `frame has command ${command}`);
  }
}

function badLength(command: string, length: number): SmuxError {
  return new SmuxError('bad_length', `${command} frame has length ${length}`);
}
