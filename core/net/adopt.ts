/**
 * Makes an accepted socket readable in place. Node has `onread` for sockets we connect, not for those we accept, so the
 * descriptor moves to a new Socket made with `onread`. That uses two things Node does not document: `_handle`, and the
 * `handle` option of the constructor. Therefore it is tried on a connection to ourselves before it touches a client, and
 * where the trial fails accepted sockets are read the ordinary way. Worth it for bulk only: uploads run at twice the speed
 * (shared/data-path.md), but it costs as much as accepting the connection did.
 */
import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { Intake, intakeOf } from './intake.ts';

const TRIAL_BYTES = 256 * 1024;
const TRIAL_MS = 2000;

let verdict: 'unknown' | 'trying' | 'works' | 'fails' = 'unknown';

/** Whether `adopt` may be used. The first call starts the trial and says no. */
export function canAdopt(): boolean {
  if (verdict === 'unknown') {
    verdict = 'trying';
    void trial().then((works) => {
      verdict = works ? 'works' : 'fails';
    });
  }
  return verdict === 'works';
}

/** Resolves with the verdict; for tests that must not miss it. */
export async function adoptTrial(): Promise<boolean> {
  if (verdict === 'unknown' || verdict === 'trying') verdict = (await trial()) ? 'works' : 'fails';
  return verdict === 'works';
}

/**
 * A new socket with the connection of `socket` and what was unread in it. The old one is left without a connection: destroy it
 * when the new one ends, so that its server counts it out. Null, and nothing has changed, when something is unsent or one
 * side has ended.
 */
export function adopt(socket: Socket): Socket | null {
  const steady =
    !socket.destroyed &&
    !hasReadEnd(socket) &&
    !socket.writableEnded &&
    socket.writableLength === 0 &&
    !socket.writableNeedDrain &&
    intakeOf(socket) === null;
  const handle: unknown = Reflect.get(socket, '_handle');
  if (!steady || typeof handle !== 'object' || handle === null) return null;
  const unread: unknown = socket.read();
  const intake = new Intake();
  Reflect.set(socket, '_handle', null);
  const options = { handle, allowHalfOpen: true, onread: intake.onread };
  const fresh = new Socket(options);
  intake.join(fresh);
  if (Buffer.isBuffer(unread)) fresh.unshift(unread);
  return fresh;
}

/**
 * Whether the end was read, also while bytes before it wait to be taken: it comes only once, and the new socket would wait for it for ever.
 * Node tells of it only in its own state.
 */
function hasReadEnd(socket: Socket): boolean {
  const state: unknown = Reflect.get(socket, '_readableState');
  if (typeof state !== 'object' || state === null) return true;
  return socket.readableEnded || Reflect.get(state, 'ended') !== false;
}

/** Both directions over an adopted socket, then the ends: what a splice does with it. */
async function trial(): Promise<boolean> {
  const server = createServer({ allowHalfOpen: true });
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') return false;
    const client = connect({ port: bound.port, host: '127.0.0.1' });
    const accepted = await new Promise<Socket>((resolve, reject) => {
      server.once('connection', resolve);
      client.once('error', reject);
    });
    const works = await echoes(client, accepted);
    client.destroy();
    accepted.destroy();
    return works;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

function echoes(client: Socket, accepted: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), TRIAL_MS);
    const settle = (works: boolean): void => {
      clearTimeout(timer);
      fresh?.destroy();
      resolve(works);
    };
    const fresh = adopt(accepted);
    const sent = Buffer.alloc(TRIAL_BYTES, 'Sockeye ');
    const back: Buffer[] = [];
    if (fresh === null) return settle(false);
    for (const socket of [client, fresh]) socket.on('error', () => settle(false));
    fresh.pipe(fresh);
    client.on('data', (chunk) => back.push(chunk));
    client.on('end', () => settle(Buffer.concat(back).equals(sent)));
    client.end(sent);
  });
}
