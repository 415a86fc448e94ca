/**
 * The link to a headless host: one WebSocket on the page's own origin, authenticated by the cookie the one-time URL set.
 * A lost connection is tried again after 0.25, 0.5, 1 … 8 s and at once when the machine comes back online.
 */
import type { ToWindow } from '../../core/contract/api.ts';
import type { Link, LinkStatus } from './link.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;

export function webSocketLink(url: string): Link {
  let socket: WebSocket | null = null;
  let status: LinkStatus = 'connecting';
  let waitMs = FIRST_WAIT_MS;
  let timer = 0;
  let receive: (message: ToWindow) => void = () => undefined;
  let tell: (status: LinkStatus) => void = () => undefined;

  function become(next: LinkStatus): void {
    if (next === status) return;
    status = next;
    tell(status);
  }

  function open(): void {
    clearTimeout(timer);
    const fresh = new WebSocket(url);
    socket = fresh;
    fresh.onopen = () => {
      waitMs = FIRST_WAIT_MS;
      become('open');
    };
    fresh.onmessage = (event) => {
      const message = readMessage(event.data);
      if (message !== null) receive(message);
    };
    fresh.onclose = () => {
      if (socket !== fresh) return;
      socket = null;
      become('lost');
      timer = window.setTimeout(open, waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    };
  }

  window.addEventListener('online', () => {
    if (socket === null) open();
  });
  open();

  return {
    send: (message) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    onMessage: (listener) => {
      receive = listener;
    },
    onStatus: (listener) => {
      tell = listener;
      listener(status);
    },
  };
}

/** A message of the host, or null for anything else. The host is ours and the same build, so the kind is what is checked. */
function readMessage(data: unknown): ToWindow | null {
  if (typeof data !== 'string') return null;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  const known =
    typeof value === 'object' &&
    value !== null &&
    't' in value &&
    (value.t === 'reply' || value.t === 'event');
  return known ? (value as ToWindow) : null;
}
