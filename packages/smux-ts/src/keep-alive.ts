/**
 * The clock of a session: asks for a NOP every interval and reports a timeout period in which nothing was heard, as the
 * two tickers of xtaci/smux do: silence is noticed after one to two periods. Its timers never keep the process alive.
 */
import type { Config } from './config.ts';

export class KeepAlive {
  readonly #timers: readonly NodeJS.Timeout[];
  #heard = false;

  /** `ping` is called every interval; `silent` after each period without a call of `heard`. */
  constructor(config: Config, ping: () => void, silent: () => void) {
    if (config.keepAliveDisabled) {
      this.#timers = [];
      return;
    }
    const check = (): void => {
      if (!this.#heard) silent();
      this.#heard = false;
    };
    this.#timers = [
      setInterval(ping, config.keepAliveIntervalMs).unref(),
      setInterval(check, config.keepAliveTimeoutMs).unref(),
    ];
  }

  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}
