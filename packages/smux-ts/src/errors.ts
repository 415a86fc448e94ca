/**
 * Everything that can go wrong in a session or a stream, by name.
 * Codes are stable and meant for programs; messages are facts for logs and never hold payload.
 */

/**
 * Why a session or a stream ended, or why a call was refused.
 *
 * Session: `bad_version`, `bad_command`, `bad_length` (the peer broke the frame format),
 * `keepalive_timeout`, `transport_error` (see `cause`), `transport_ended` (the transport closed
 * inside a frame, or without an end of file).
 * Stream: `session_closed` (its session ended first), `window_exceeded` (the peer sent far beyond
 * its v2 window), `window_invalid` (the peer acknowledged bytes never sent), `peer_closed` (the peer
 * reads no more), `stream_closed` (a write was cut off by `destroy()`).
 * Calls: `invalid_option`, `session_closed`, `ids_exhausted`, `write_after_end`, `reader_taken`.
 */
export type SmuxErrorCode =
  | 'bad_version'
  | 'bad_command'
  | 'bad_length'
  | 'keepalive_timeout'
  | 'transport_error'
  | 'transport_ended'
  | 'session_closed'
  | 'window_exceeded'
  | 'window_invalid'
  | 'peer_closed'
  | 'stream_closed'
  | 'invalid_option'
  | 'ids_exhausted'
  | 'write_after_end'
  | 'reader_taken';

/** The only error class of this package; tell errors apart by `code`. */
export class SmuxError extends Error {
  readonly code: SmuxErrorCode;

  constructor(code: SmuxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SmuxError';
    this.code = code;
  }
}
