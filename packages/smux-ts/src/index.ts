/** smux-ts: xtaci/smux stream multiplexing, wire versions 1 and 2. The package's only entry. */
export { Session, type SessionOptions } from './session.ts';
export type { Stream } from './stream.ts';
export { DEFAULT_CONFIG, verifyConfig, type Config, type ConfigOptions } from './config.ts';
export { SmuxError, type SmuxErrorCode } from './errors.ts';
