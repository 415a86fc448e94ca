/**
 * Session settings: the names and defaults of xtaci/smux's Config with units, and their check.
 * Sizes are bytes, times are milliseconds. Both ends must use the same `version`.
 */
import { SmuxError } from './errors.ts';
import { MAX_PAYLOAD_BYTES } from './frame.ts';

/** A complete, checked set of session settings. */
export interface Config {
  /** Wire version: 1, or 2 with a receive window per stream. Default 1. */
  readonly version: 1 | 2;
  /** Send no NOP frames and never time out. Default false. */
  readonly keepAliveDisabled: boolean;
  /** A NOP frame is sent this often. Default 10,000. */
  readonly keepAliveIntervalMs: number;
  /** The session ends when this much time passes without one received byte. Default 30,000. */
  readonly keepAliveTimeoutMs: number;
  /** Largest payload of one frame we send, 1 to 65,535. Any length is accepted. Default 32,768. */
  readonly maxFrameSize: number;
  /** Unread bytes of all streams at which reading from the transport pauses. Default 4,194,304. */
  readonly maxReceiveBuffer: number;
  /** Version 2: window announced to the peer for each stream. Default 65,536. */
  readonly maxStreamBuffer: number;
  /** Streams of the peer held while no `onStream` is set; later ones are refused. Default 1,024. */
  readonly acceptBacklog: number;
}

/** What callers may leave out. */
export type ConfigOptions = Partial<Config>;

/** xtaci/smux v1.5.56 `DefaultConfig()` and its accept backlog. */
export const DEFAULT_CONFIG: Config = Object.freeze({
  version: 1,
  keepAliveDisabled: false,
  keepAliveIntervalMs: 10_000,
  keepAliveTimeoutMs: 30_000,
  maxFrameSize: 32_768,
  maxReceiveBuffer: 4_194_304,
  maxStreamBuffer: 65_536,
  acceptBacklog: 1_024,
});

const INT32_MAX = 0x7fffffff;

/**
 * Fills in defaults and checks the result by the rules of Go's `VerifyConfig`.
 * Throws SmuxError `invalid_option` naming the option and the rule it breaks.
 */
export function verifyConfig(options: ConfigOptions = {}): Config {
  const config: Config = {
    version: options.version ?? DEFAULT_CONFIG.version,
    keepAliveDisabled: options.keepAliveDisabled ?? DEFAULT_CONFIG.keepAliveDisabled,
    keepAliveIntervalMs: options.keepAliveIntervalMs ?? DEFAULT_CONFIG.keepAliveIntervalMs,
    keepAliveTimeoutMs: options.keepAliveTimeoutMs ?? DEFAULT_CONFIG.keepAliveTimeoutMs,
    maxFrameSize: options.maxFrameSize ?? DEFAULT_CONFIG.maxFrameSize,
    maxReceiveBuffer: options.maxReceiveBuffer ?? DEFAULT_CONFIG.maxReceiveBuffer,
    maxStreamBuffer: options.maxStreamBuffer ?? DEFAULT_CONFIG.maxStreamBuffer,
    acceptBacklog: options.acceptBacklog ?? DEFAULT_CONFIG.acceptBacklog,
  };
  if (![1, 2].includes(config.version)) refuse('version must be 1 or 2');
  if (!config.keepAliveDisabled) {
    requireWhole('keepAliveIntervalMs', config.keepAliveIntervalMs, 1, INT32_MAX);
    requireWhole('keepAliveTimeoutMs', config.keepAliveTimeoutMs, 1, INT32_MAX);
    if (config.keepAliveTimeoutMs < config.keepAliveIntervalMs) {
      refuse('keepAliveTimeoutMs must not be less than keepAliveIntervalMs');
    }
  }
  requireWhole('maxFrameSize', config.maxFrameSize, 1, MAX_PAYLOAD_BYTES);
  requireWhole('maxReceiveBuffer', config.maxReceiveBuffer, 1, INT32_MAX);
  requireWhole('maxStreamBuffer', config.maxStreamBuffer, 1, INT32_MAX);
  if (config.maxStreamBuffer > config.maxReceiveBuffer) {
    refuse('maxStreamBuffer must not be greater than maxReceiveBuffer');
  }
  requireWhole('acceptBacklog', config.acceptBacklog, 0, INT32_MAX);
  return config;
}

function requireWhole(name: keyof Config, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    refuse(`${name} must be a whole number from ${least} to ${most}`);
  }
}

function refuse(rule: string): never {
  throw new SmuxError('invalid_option', rule);
}
