/**
 * Keeps every page where it is and without rights: no navigation away, no new windows, no embedded pages, no permissions beyond writing
 * text to the clipboard. Nothing the window shows can open a program or another address.
 */
import type { App, Session, WebContents } from 'electron';
import { isOwn } from './origin.ts';

/** What the window itself may ask of the browser: "Copy address". */
const ALLOWED = 'clipboard-sanitized-write';

/** Applies to every page of the app, whoever makes it. */
export function guardPages(app: App): void {
  app.on('web-contents-created', (_event, contents) => guardPage(contents));
}

function guardPage(contents: WebContents): void {
  const stay = (event: { readonly url: string; preventDefault: () => void }): void => {
    if (!isOwn(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Denies permissions and devices, and keeps the window's own requests out of every proxy, ours included. */
export async function guardSession(session: Session): Promise<void> {
  session.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === ALLOWED && isOwn(contents.getURL())),
  );
  session.setPermissionCheckHandler((contents, permission) => {
    return permission === ALLOWED && contents !== null && isOwn(contents.getURL());
  });
  session.setDevicePermissionHandler(() => false);
  await session.setProxy({ mode: 'direct' });
}
