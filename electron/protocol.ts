/** Serves the window over app://: the same fixed list of files and the same policy as the headless server, no file: anywhere. */
import { protocol, type Session } from 'electron';
import { contentSecurityPolicy, SECURITY_HEADERS } from '../core/host/policy.ts';
import { StaticFiles } from '../core/host/static.ts';
import { isOwn, SCHEME } from './origin.ts';

/** Must run before the app is ready. */
export function announceScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Answers app:// requests of this session from `folder`. */
export function serveApp(session: Session, folder: string): void {
  const files = new StaticFiles(folder);
  session.protocol.handle(SCHEME, async ({ url, method }) => {
    const file = isOwn(url) && method === 'GET' ? files.find(new URL(url).pathname) : null;
    const headers = { ...SECURITY_HEADERS, 'Content-Security-Policy': contentSecurityPolicy() };
    if (file === null) return new Response('Not found\n', { status: 404, headers });
    const body = new Uint8Array(await file.read());
    return new Response(body, { headers: { ...headers, 'Content-Type': file.type } });
  });
}
