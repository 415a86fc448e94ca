/** Ends the process as a service should: the first SIGTERM or SIGINT lets everything finish within three seconds, the second ends it at once. */
import type { Log } from '../log.ts';

const PATIENCE_MS = 2800;

export interface SignalActions {
  /** Drains and closes everything. */
  readonly end: () => Promise<void>;
  /** SIGHUP: reads the configuration again. */
  readonly reload: () => void;
}

/** Listens for signals; exits with 0 after `end`, also when that takes too long. */
export function obeySignals(log: Log, { end, reload }: SignalActions): void {
  let ending = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (ending) process.exit(signal === 'SIGINT' ? 130 : 143);
    ending = true;
    log.info('stopping', { signal });
    const exit = (): never => process.exit(0);
    setTimeout(exit, PATIENCE_MS);
    end().then(exit, (error: unknown) => {
      log.error('stop_failed', { error });
      process.exit(1);
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Windows closes the console window with SIGHUP, which is an end there and not a request to read files again
  process.on('SIGHUP', process.platform === 'win32' ? stop : reload);
}
