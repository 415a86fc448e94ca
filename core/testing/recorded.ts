/**
 * The conversations of core/testing/vectors/captured that are not those of captured.ts: servers and clients of GOST v3 and v2 one by one, most
 * with a hand-made other side. Here with all their frames, for tests that play either side.
 */
import assert from 'node:assert/strict';
import { conversationsIn, type Conversation } from './conversations.ts';

export const RECORDED_FILES = [
  'auth_edge',
  'chain',
  'client_downgrade',
  'cross_negotiation',
  'fail_open',
  'half_close',
  'http_proxy',
  'http_proxy_forward',
  'socks4',
  'socks5_bind_udp',
  'socks5_client',
  'socks5_server',
  'socks5_server_v2',
  'socks5_tls_server',
  'udp_associate_robustness',
  'v2_crash',
] as const;

export const RECORDED: readonly Conversation[] = RECORDED_FILES.flatMap(conversationsIn);

export function recorded(name: string): Conversation {
  const found = RECORDED.find((one) => one.name === name);
  if (found === undefined) throw new Error(`nothing called ${name} was recorded`);
  return found;
}

/** Fails unless each conversation is in exactly one of these: played here, played elsewhere, or listed with a reason. */
export function assertComplete(
  played: ReadonlySet<string>,
  elsewhere: Readonly<Record<string, string>>,
): void {
  const names = RECORDED.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !played.has(name) && !(name in elsewhere)),
    [],
    'neither played nor listed',
  );
  assert.deepEqual(
    names.filter((name) => played.has(name) && name in elsewhere),
    [],
    'played and listed',
  );
  const known = new Set(names);
  assert.deepEqual(
    [...played, ...Object.keys(elsewhere)].filter((name) => !known.has(name)),
    [],
    'not recorded',
  );
}

/** An address as it stands before its port: IPv4, the same as text, a name, IPv6. */
const ADDRESS = '017f000001|093132372e302e302e31|096c6f63616c686f7374|040{31}1';

/** `hex` with other ports behind its addresses; SOCKS4 has the port in front. `ports`: by the recorded port in hex. */
export function withPorts(hex: string, ports: Readonly<Record<string, number>>): string {
  const to = (port: string): string => {
    const other = ports[port];
    return other === undefined ? port : other.toString(16).padStart(4, '0');
  };
  return hex
    .replaceAll(
      new RegExp(`(${ADDRESS})(....)`, 'g'),
      (_, address: string, port: string) => address + to(port),
    )
    .replace(/^(040[129])(....)(?=7f000001|000000)/, (_, head: string, port: string) => head + to(port));
}

/** Bytes that the recording shortened (`…`) put back: it repeats its last one up to this length. */
export function restored(hex: string, bytes: number): string {
  const start = hex.replace(/\.\.\..*$/, '');
  return start + start.slice(-2).repeat(bytes - start.length / 2);
}
