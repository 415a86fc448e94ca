/**
 * Trust on first use: the certificate a proxy shows first is remembered, and from then on it has to be that one. For proxies
 * with certificates that nobody signed, as GOST makes them. The file is read anew each time, so that a person who takes a
 * line out of it is believed at once.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import * as z from 'zod';
import type { PinnedCertificate } from '../contract/api.ts';
import { errnoOf, ProxyError } from '../errors.ts';
import { formatAddress } from '../net/address.ts';
import type { Address, Conn } from '../net/conn.ts';
import type { ClientTls, StateFolder } from '../registry.ts';
import { connectTls, NO_CLIENT_TLS } from './tls.ts';

const FILE = 'tls-pins.json';
/**
 * By node name and address. `sha256` is the certificate's, as OpenSSL prints it; `since` milliseconds since 1970. Before 0.1.0
 * was out the file held the fingerprint alone.
 */
const Contents = z.record(
  z.string(),
  z.union([
    z.object({ sha256: z.string(), since: z.number().nullable() }),
    z.string().transform((sha256) => ({ sha256, since: null })),
  ]),
);
type Contents = z.output<typeof Contents>;

/** Waiting reads and writes of each file: what one connection learns, the next one must know. */
const turns = new Map<string, Promise<unknown>>();

/** Certificates by peer, in a file of the state folder, or in memory where there is none. */
export class Pins {
  readonly #file: string | null;
  #memory: Contents = {};

  constructor(state: StateFolder | null) {
    this.#file = state === null ? null : join(state.path, FILE);
  }

  /** Fingerprint of the certificate the peer is known by. */
  async known(peer: string): Promise<string | null> {
    return (await this.#load())[peer]?.sha256 ?? null;
  }

  /** The fingerprint the peer is known by from now on: the given one if there was none. */
  async remember(peer: string, fingerprint: string): Promise<string> {
    return this.#inTurn(async () => {
      const pins = await this.#load();
      const known = pins[peer];
      if (known !== undefined) return known.sha256;
      await this.#save({ ...pins, [peer]: { sha256: fingerprint, since: Date.now() } });
      return fingerprint;
    });
  }

  /** All that are known, by peer. */
  async list(): Promise<PinnedCertificate[]> {
    const pins = Object.entries(await this.#load()).map(([peer, pin]) => {
      const end = peer.lastIndexOf(' '); // an address has none, a name may
      return { peer, node: peer.slice(0, end), address: peer.slice(end + 1), ...pin };
    });
    return pins.sort((a, b) => (a.peer < b.peer ? -1 : 1));
  }

  /** The next certificate the peer shows is the one it is known by. False: none was known. */
  async forget(peer: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const { [peer]: known, ...others } = await this.#load();
      if (known !== undefined) await this.#save(others);
      return known !== undefined;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const key = this.#file;
    if (key === null) return work();
    const turn = (turns.get(key) ?? Promise.resolve()).then(work, work);
    turns.set(key, turn);
    return turn;
  }

  async #load(): Promise<Contents> {
    if (this.#file === null) return this.#memory;
    try {
      return Contents.parse(JSON.parse(await readFile(this.#file, 'utf8')));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return {};
      const message = 'the file of known certificates can not be read; repair or remove it';
      throw new ProxyError('config', { where: this.#file, message }, { cause: error });
    }
  }

  async #save(pins: Contents): Promise<void> {
    if (this.#file === null) {
      this.#memory = pins;
      return;
    }
    const draft = `${this.#file}.${randomBytes(6).toString('hex')}`;
    try {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(`${JSON.stringify(pins, null, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.#file);
    } catch (error) {
      await rm(draft, { force: true });
      const message = 'the certificate of a proxy can not be written down; make the file writable';
      throw new ProxyError('config', { where: this.#file, message }, { cause: error });
    }
  }
}

/** What a proxy is remembered by: names like node-0 occur in every command line, so the address is part of it. */
export function pinName(hop: string, address: Address): string {
  return `${hop} ${formatAddress(address)}`;
}

/** Whether a certificate is held against the one seen before: where nobody said how else to verify it. */
export function trustsFirstUse(tls: ClientTls | null): boolean {
  return tls === null || (tls.secure === null && tls.caFile === null);
}

/**
 * `connectTls`, except that where `trustsFirstUse` the certificate has to be the one seen first instead of a signed one.
 * Nothing has been sent inside when this rejects with `tls`.
 */
export async function connectPinned(
  conn: Conn,
  tls: ClientTls | null,
  about: { readonly hop: string; readonly address: Address; readonly pins: Pins },
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { hop, address, pins } = about;
  const host = address.host;
  if (!trustsFirstUse(tls)) return connectTls(conn, tls, { hop, host }, signal);
  const secure = await connectTls(conn, unverified(tls), { hop, host }, signal);
  try {
    const shown = secure.getPeerX509Certificate()?.fingerprint256;
    if (shown === undefined) throw new ProxyError('tls', { hop, reason: 'it showed no certificate.' });
    const peer = pinName(hop, address);
    const known = await pins.remember(peer, shown);
    if (known === shown) return secure;
    const reason =
      `its certificate is another one than before (SHA-256 ${short(known)} then, ${short(shown)} now). ` +
      `Somebody may be in between. If the proxy was given a new certificate, have the old one forgotten: at the node in the window, or by sockeye pins forget "${peer}"; ` +
      `if it makes one at every start, as GOST 2 does, set connector.tls.secure to false.`;
    throw new ProxyError('tls', { hop, reason });
  } catch (error) {
    secure.destroy();
    conn.destroy();
    throw error;
  }
}

const NOTHING_SET: ClientTls = { ...NO_CLIENT_TLS, secure: false };
/** One copy per configuration, because contexts are kept by its identity. */
const copies = new WeakMap<ClientTls, ClientTls>();

function unverified(tls: ClientTls | null): ClientTls {
  if (tls === null) return NOTHING_SET;
  let copy = copies.get(tls);
  if (copy === undefined) {
    copy = { ...tls, secure: false };
    copies.set(tls, copy);
  }
  return copy;
}

function short(fingerprint: string): string {
  return `${fingerprint.slice(0, 23)}…`;
}
