/** Start at login as the host knows it: whether the system says so, and how to change that. Who knows how is electron/system.ts. */
import type { LoginState } from '../contract/api.ts';
import { ProxyError } from '../errors.ts';

export interface Login {
  /** As read back from the system. */
  read(): Promise<LoginState>;
  /** Resolves with what the system says afterwards. */
  set(on: boolean): Promise<LoginState>;
}

/** For programs that are started by whoever needs them. */
export const noLogin: Login = {
  read: () => Promise.resolve({ supported: false, on: false, note: null }),
  set: () =>
    Promise.reject(
      new ProxyError('unsupported', { what: 'Starting at login', by: 'the program in a browser' }),
    ),
};
