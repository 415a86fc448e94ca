/**
 * Whether this desktop shows tray icons. On Linux somebody has to host them: a panel that registered with
 * org.kde.StatusNotifierWatcher on the session bus, which plain GNOME does not have. Electron makes the icon all the same and nobody sees it, so
 * the bus is asked: the one question it takes, without a library. D-Bus specification, "Message Protocol" and "Authentication Protocol".
 */
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SystemParts } from './system.ts';

const PATIENCE_MS = 1000;
const MAX_ANSWER_BYTES = 64 * 1024;
const WATCHER = 'org.kde.StatusNotifierWatcher';
const METHOD_CALL = 1;
const METHOD_RETURN = 2;
/** Nobody is to be started for our sake. */
const NO_AUTO_START = 2;
/** Header fields of a message: PATH, INTERFACE, MEMBER, REPLY_SERIAL, DESTINATION, SIGNATURE. */
const FIELD = { path: 1, interface: 2, member: 3, replySerial: 5, destination: 6, signature: 8 } as const;
/** Serial of the question; the greeting has 1. */
const QUESTION = 2;

/** How often the desktop is asked: at sign-in a panel may begin after us. */
export interface Patience {
  readonly tries: number;
  readonly everyMs: number;
}

type Desktop = Pick<SystemParts, 'platform' | 'env'>;

/** True when a tray icon can be seen. Where that can not be known (no session bus) it is false: nothing is hidden on a guess. */
export async function trayIsShown(
  { platform, env }: Desktop,
  { tries, everyMs }: Patience,
): Promise<boolean> {
  if (platform !== 'linux') return true;
  for (let left = tries; left > 0; left -= 1) {
    const answer = await anyAnswer(busPaths(env));
    if (answer !== false) return answer ?? false;
    if (left > 1) await sleep(everyMs);
  }
  return false;
}

/** What the first bus that answers says; null when none does. */
async function anyAnswer(paths: readonly string[]): Promise<boolean | null> {
  for (const path of paths) {
    const answer = await ask(path).catch(() => null);
    if (answer !== null) return answer;
  }
  return null;
}

/** Socket paths of the session bus: those of the address that a session is given, else where systemd puts it. */
export function busPaths(env: Readonly<Record<string, string | undefined>>): string[] {
  const address = env['DBUS_SESSION_BUS_ADDRESS'] ?? '';
  if (address !== '') {
    return address.split(';').flatMap((one) => {
      const found = /^unix:(?:.*,)?(path|abstract)=([^,]+)/.exec(one);
      if (found?.[2] === undefined) return [];
      const path = found[2].replace(/%([0-9a-f]{2})/gi, (_, code: string) =>
        String.fromCharCode(parseInt(code, 16)),
      );
      return [found[1] === 'abstract' ? `\0${path}` : path];
    });
  }
  const runtime = env['XDG_RUNTIME_DIR'] ?? '';
  return runtime === '' ? [] : [join(runtime, 'bus')];
}

/** The watcher's `IsStatusNotifierHostRegistered`; false when there is no watcher. Rejects when the bus does not answer. */
function ask(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ path });
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const fail = (error: Error): void => end(() => reject(error));
    const timer = setTimeout(() => fail(new Error('the session bus did not answer')), PATIENCE_MS);
    let heard: Buffer = Buffer.alloc(0);
    let signedIn = false;
    const hear = (bytes: Buffer): void => {
      heard = Buffer.concat([heard, bytes]);
      if (heard.length > MAX_ANSWER_BYTES) throw new Error('the session bus said too much');
      if (!signedIn) {
        const line = heard.indexOf('\r\n');
        if (line < 0) return;
        if (!heard.toString('latin1', 0, line).startsWith('OK ')) throw new Error('the session bus refused');
        heard = heard.subarray(line + 2);
        signedIn = true;
        socket.write(Buffer.concat([Buffer.from('BEGIN\r\n'), greeting(), question()]));
      }
      for (let message = decodeMessage(heard); message !== null; message = decodeMessage(heard)) {
        heard = heard.subarray(message.size);
        const { type, replyTo, body } = message;
        if (replyTo !== QUESTION) continue;
        // the body of a return is a variant of a boolean: 1 'b' 0, padding, 32 bits; an error says that there is no watcher
        const shown = type === METHOD_RETURN && body.length >= 8 && body.readUInt32LE(4) !== 0;
        return end(() => resolve(shown));
      }
    };
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the session bus hung up')));
    socket.on('connect', () => {
      const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
      socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
    });
    socket.on('data', (bytes: Buffer) => {
      try {
        hear(bytes);
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

function greeting(): Buffer {
  const bus = 'org.freedesktop.DBus';
  return encodeCall(
    1,
    { path: '/org/freedesktop/DBus', interface: bus, member: 'Hello', destination: bus },
    [],
  );
}

function question(): Buffer {
  const about = {
    path: '/StatusNotifierWatcher',
    interface: 'org.freedesktop.DBus.Properties',
    member: 'Get',
    destination: WATCHER,
  };
  return encodeCall(QUESTION, about, [WATCHER, 'IsStatusNotifierHostRegistered']);
}

interface Call {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly destination: string;
}

/**
 * A method call whose arguments are strings, little-endian:
 *
 *     'l' type flags version | body length | serial | length of fields | fields, each at a multiple of 8 | padding to 8 | body
 */
function encodeCall(serial: number, call: Call, args: readonly string[]): Buffer {
  const body = args.reduce((before, arg) => Buffer.concat([padded(before, 4), text(arg)]), Buffer.alloc(0));
  const field = (code: number, type: string, value: Buffer): Buffer =>
    Buffer.concat([Buffer.from([code, 1]), Buffer.from(`${type}\0`), value]);
  const fields = [
    field(FIELD.path, 'o', text(call.path)),
    field(FIELD.interface, 's', text(call.interface)),
    field(FIELD.member, 's', text(call.member)),
    field(FIELD.destination, 's', text(call.destination)),
    ...(args.length === 0 ? [] : [field(FIELD.signature, 'g', signature('s'.repeat(args.length)))]),
  ].reduce((before, one) => Buffer.concat([padded(before, 8), one]), Buffer.alloc(0));
  const head = Buffer.alloc(16);
  head.write('l', 0, 'latin1');
  head.writeUInt8(METHOD_CALL, 1);
  head.writeUInt8(NO_AUTO_START, 2);
  head.writeUInt8(1, 3);
  head.writeUInt32LE(body.length, 4);
  head.writeUInt32LE(serial, 8);
  head.writeUInt32LE(fields.length, 12);
  return Buffer.concat([padded(Buffer.concat([head, fields]), 8), body]);
}

interface Message {
  readonly type: number;
  /** Serial of the call this answers; 0: it answers none. */
  readonly replyTo: number;
  readonly body: Buffer;
  /** Of the whole message. */
  readonly size: number;
}

/** The first message of `bytes`; null while it is not whole. Throws RangeError for one that contradicts itself. */
function decodeMessage(bytes: Buffer): Message | null {
  if (bytes.length < 16) return null;
  const big = bytes.readUInt8(0) === 0x42; // 'B'
  const word = (at: number): number => (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  const fieldsEnd = 16 + word(12);
  const bodyStart = aligned(fieldsEnd, 8);
  const size = bodyStart + word(4);
  if (size > MAX_ANSWER_BYTES) throw new RangeError('the session bus says too much');
  if (bytes.length < size) return null;
  let replyTo = 0;
  for (let at = 16; at < fieldsEnd;) {
    at = aligned(at, 8);
    const code = bytes.readUInt8(at);
    const kind = bytes.toString('latin1', at + 2, at + 2 + bytes.readUInt8(at + 1));
    at += kind.length + 3;
    if (kind === 'g') at += bytes.readUInt8(at) + 2;
    else {
      at = aligned(at, 4);
      if (code === FIELD.replySerial) replyTo = word(at);
      at += kind === 'u' ? 4 : word(at) + 5;
    }
  }
  return { type: bytes.readUInt8(1), replyTo, body: bytes.subarray(bodyStart, size), size };
}

/** Length, characters, NUL. */
function text(value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(`${value}\0`)]);
}

function signature(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(`${value}\0`)]);
}

function padded(bytes: Buffer, to: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length, to) - bytes.length)]);
}

function aligned(at: number, to: number): number {
  return Math.ceil(at / to) * to;
}
