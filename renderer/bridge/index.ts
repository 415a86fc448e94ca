/** Picks the way to the host: what the preload script exposed, else a WebSocket on the page's own origin. */
import type { Bridge } from '../../core/contract/api.ts';
import { bridgeLink, type Link } from './link.ts';
import { webSocketLink } from './websocket.ts';

declare global {
  interface Window {
    readonly sockeye?: Bridge;
  }
}

export function openLink(): Link {
  if (window.sockeye !== undefined) return bridgeLink(window.sockeye);
  const url = new URL('/ws', window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return webSocketLink(url.href);
}
