/**
 * A pipe to the host that tells whether anybody is at the other end. Electron's pipe is open as long as the window lives;
 * the WebSocket one comes and goes and repairs itself.
 */
import type { Bridge, ToHost, ToWindow } from '../../core/contract/api.ts';

export type LinkStatus = 'connecting' | 'open' | 'lost';

export interface Link {
  /** Drops the message unless the link is open: the client asks again after every reconnect. */
  send(message: ToHost): void;
  /** Sets the one listener. */
  onMessage(listener: (message: ToWindow) => void): void;
  /** Sets the one listener and calls it with the present state at once. */
  onStatus(listener: (status: LinkStatus) => void): void;
}

/** The preload bridge, or a made-up one, as a link. */
export function bridgeLink(bridge: Bridge): Link {
  let status: LinkStatus = 'open';
  let tell: (status: LinkStatus) => void = () => undefined;
  bridge.onClose(() => {
    status = 'lost';
    tell(status);
  });
  return {
    send: (message) => {
      if (status === 'open') bridge.send(message);
    },
    onMessage: (listener) => bridge.onMessage(listener),
    onStatus: (listener) => {
      tell = listener;
      listener(status);
    },
  };
}
