/**
 * A window's IPC as a pipe of the contract. Only the main frame of our own page is heard. A page that is loaded anew gets a new pipe,
 * so that the subscriptions of the old one end with it.
 */
import type { IpcMainEvent, WebContents } from 'electron';
import type { Pipe, ToWindow } from '../core/contract/api.ts';
import { serve, type Served } from '../core/host/rpc.ts';
import type { Log } from '../core/log.ts';
import { CHANNEL } from './channel.ts';
import { isOwn } from './origin.ts';

/** Serves the host to a window for as long as it exists. */
export function serveWindow(contents: WebContents, api: Served, log: Log): void {
  let line = connect(contents, api, log);
  contents.ipc.on(CHANNEL, (event, message: unknown) => {
    if (isTrusted(event, contents)) line.receive(message);
    else log.warn('window_stranger', { frame: event.senderFrame?.url ?? 'gone' });
  });
  contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (!isMainFrame || isSameDocument) return;
    line.close();
    line = connect(contents, api, log);
  });
  contents.on('render-process-gone', () => line.close());
  contents.on('destroyed', () => line.close());
}

function isTrusted({ senderFrame }: IpcMainEvent, contents: WebContents): boolean {
  return senderFrame !== null && senderFrame === contents.mainFrame && isOwn(senderFrame.url);
}

/** The host's end of one loaded page. */
interface Line {
  readonly receive: (message: unknown) => void;
  readonly close: () => void;
}

function connect(contents: WebContents, api: Served, log: Log): Line {
  let receive: (message: unknown) => void = () => undefined;
  let closed: () => void = () => undefined;
  const pipe: Pipe<ToWindow, unknown> = {
    send: (message) => {
      if (!contents.isDestroyed()) contents.send(CHANNEL, message);
    },
    onMessage: (listener) => {
      receive = listener;
    },
    onClose: (listener) => {
      closed = listener;
    },
  };
  serve(pipe, api, () => log.warn('window_misfit', {}));
  return { receive: (message) => receive(message), close: () => closed() };
}
