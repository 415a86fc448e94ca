/**
 * What happens when an error reaches nobody. One connection's failure must not end the others: a stray socket error is logged and that is
 * all. Anything else means that the program no longer knows its own state: it says so, saves what it must and leaves with 1.
 */
import { errnoOf, ProxyError } from '../errors.ts';
import type { Log } from '../log.ts';

/** Codes of errors that concern one socket or stream and nothing else. */
const OF_ONE_SOCKET =
  /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|EMSGSIZE|ENOBUFS|ERR_STREAM_|ERR_SSL_|ERR_TLS_|ERR_HTTP2_|ERR_SOCKET_|HPE_|WS_ERR_|ABORT_ERR)/;

/** True for an error that some single connection forgot to handle. */
function isStray(error: unknown): boolean {
  if (error instanceof ProxyError) return error.code !== 'bug';
  const code = errnoOf(error);
  return code !== null && OF_ONE_SOCKET.test(code);
}

/** Installs the policy. `end` runs once, for what must still be done; the process exits with 1 when it settled or after `patienceMs`. */
export function guardProcess(log: Log, end: () => Promise<void>, patienceMs = 2000): void {
  let fatal = false;
  const onError = (error: unknown): void => {
    if (isStray(error)) {
      log.warn('stray_error', { error });
      return;
    }
    log.error('crash', { error: error instanceof Error ? (error.stack ?? error.message) : error });
    if (fatal) return;
    fatal = true;
    const exit = (): never => process.exit(1);
    setTimeout(exit, patienceMs);
    end().then(exit, exit);
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
}
