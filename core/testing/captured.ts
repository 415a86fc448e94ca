/**
 * Conversations between GOST v3 and v2 as a tap recorded them (core/testing/vectors/captured), and what a test needs to play one
 * of their sides: frames by direction, other ports in place of the recorded ones, smux taken apart.
 */
import { conversationsIn } from './conversations.ts';

const FILES = [
  'relay',
  'relay_bind',
  'gost_client_udp',
  'gost_client_bind',
  'early_data_and_relay_udp',
  'udp_associate_chain',
] as const;

/** One recorded connection: its bytes in the order in which they were read, ends left out. */
export interface Captured {
  readonly name: string;
  readonly frames: readonly { readonly from: 'client' | 'server'; readonly hex: string }[];
  /** Datagrams beside the connection. */
  readonly datagrams: readonly { readonly from: 'client' | 'server'; readonly hex: string }[];
  /** Everything one side said, in hex. */
  readonly client: string;
  readonly server: string;
  /** The port of the first address in what the client said that has one, in hex: a target or a port to listen on. */
  readonly port: string;
}

/** Addresses as they stand before a port: 127.0.0.1, the same as text, localhost. */
const ADDRESS = '(?:017f000001|3132372e302e302e31|6c6f63616c686f7374)';

/** The first connection of every entry. */
export const CAPTURED: readonly Captured[] = FILES.flatMap((file) =>
  conversationsIn(file).map(({ name, frames: all }) => {
    const frames = all
      .filter(({ dir, hex, conn }) => conn === 1 && hex !== '' && (dir === 'c2s' || dir === 's2c'))
      .map(({ dir, hex }) => ({ from: dir === 'c2s' ? ('client' as const) : ('server' as const), hex }));
    const datagrams = all
      .filter(({ dir }) => dir.startsWith('udp '))
      .map(({ dir, hex }) => ({ from: dir === 'udp c2s' ? ('client' as const) : ('server' as const), hex }));
    const said = (side: 'client' | 'server'): string =>
      frames
        .filter(({ from }) => from === side)
        .map(({ hex }) => hex)
        .join('');
    const client = said('client');
    const [, port = '0000'] = new RegExp(`${ADDRESS}((?!0000)....)`).exec(client) ?? [];
    return { name, frames, datagrams, client, server: said('server'), port };
  }),
);

/** The entry of this name. */
export function captured(name: string): Captured {
  const found = CAPTURED.find((one) => one.name === name);
  if (found === undefined) throw new Error(`nothing called ${name} was captured`);
  return found;
}

/** `hex` with another port behind every address that had `from`. */
export function withPort(hex: string, from: string, to: number): string {
  const port = to.toString(16).padStart(4, '0');
  return hex.replaceAll(new RegExp(`(${ADDRESS})${from}`, 'g'), `$1${port}`);
}

/** smux version 1 or 2 taken apart: `SYN 3`, `PSH 3 hex` with neighbours joined, `FIN 3`; NOP and UPD left out. */
export function smuxOf(hex: string): string[] {
  const bytes = Buffer.from(hex, 'hex');
  const told: string[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt16LE(at + 2);
    const stream = bytes.readUInt32LE(at + 4);
    const payload = bytes.toString('hex', at + 8, at + 8 + size);
    const last = told.at(-1);
    const command = ['SYN', 'FIN', 'PSH'][bytes.readUInt8(at + 1)];
    if (command === 'PSH' && last?.startsWith(`PSH ${stream} `) === true)
      told[told.length - 1] = last + payload;
    else if (command === 'PSH') told.push(`PSH ${stream} ${payload}`);
    else if (command !== undefined) told.push(`${command} ${stream}`);
    at += 8 + size;
  }
  return told;
}

/** Frames of UDP-TUN with their FRAG set to 0, which nobody reads: v3 writes 255, v2 and we 0. */
export function withoutFrag(hex: string): string {
  return hex.replaceAll(/([0-9a-f]{4})ff(017f000001|0309)/g, '$100$2');
}
