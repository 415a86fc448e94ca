/**
 * Reading, writing and judging addresses: host:port text, IP families, which hosts are this computer or its own network.
 * Knows literals only; nothing here asks a name server.
 */
import { BlockList, isIP, SocketAddress } from 'node:net';
import type { Address } from '../contract/address.ts';

const MAX_NAME = 253;
const NAME_LABEL = /^[a-z0-9_-]{1,63}$/i;
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
/** Longer spellings of ::ffff:0:0/96, and the well-known NAT64 prefix, which carry an IPv4 address as well. */
const MAY_EMBED = /^[0:]*:ffff:|^64:ff9b:/i;
const NAT64 = /^64:ff9b::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/i;

const PRIVATE = blockList([
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fec0::', 10, 'ipv6'],
]);

/** Multicast (224.0.0.0/4, ff00::/8) and broadcast, told by how they are written: asked for every datagram. */
const GROUP = /^(?:22[4-9]\.|23\d\.|255\.255\.255\.255$|ff[0-9a-f]{2}:)/i;

/** Reads `host:port`, `[v6]:port` and `:port` (host ''). Null when it is none of these or the port is not 0–65535. */
export function parseAddress(text: string): Address | null {
  const parts = /^(?:\[([^\][]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (parts === null) return null;
  const [, bracketed, plain = '', digits = ''] = parts;
  const port = Number(digits);
  if (port > 65_535) return null;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : null;
  return plain === '' || isIP(plain) === 4 || validName(plain) ? { host: plain, port } : null;
}

/** `host:port`, with brackets around IPv6. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** 4 or 6 for a literal, 0 for a name. */
export function familyOf(host: string): 0 | 4 | 6 {
  const family = isIP(host);
  return family === 4 || family === 6 ? family : 0;
}

/** True for names a resolver may be asked for: letters, digits, hyphen and underscore in labels of 1–63, at most 253 in all. */
export function validName(name: string): boolean {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  return bare.length <= MAX_NAME && bare.split('.').every((label) => NAME_LABEL.test(label));
}

/** The address a socket means: IPv4 out of its IPv6 mapping, zone ids dropped. Names and other literals stay as they are. */
export function unmap(host: string): string {
  if (!host.includes(':')) return host;
  const zone = host.indexOf('%');
  const bare = zone === -1 ? host : host.slice(0, zone);
  const mapped = MAPPED.exec(bare);
  if (mapped?.[1] !== undefined) return mapped[1];
  return MAY_EMBED.test(bare) ? embedded(bare) : bare;
}

/** Loopback literals, and the names that mean them by RFC 6761. */
export function isLoopback(host: string): boolean {
  const bare = unmap(host);
  const family = familyOf(bare);
  if (family === 4) return bare.startsWith('127.');
  return family === 0 ? isLocalName(bare) : canonical(bare) === '::1';
}

/** True for `localhost` and everything below it. */
export function isLocalName(name: string): boolean {
  return /^(?:.*\.)?localhost\.?$/i.test(name);
}

/** Literals that only mean something on this computer or its network: loopback, link-local, RFC 1918, ULA, CGNAT, unspecified. */
export function isPrivate(host: string): boolean {
  const bare = unmap(host);
  return familyOf(bare) === 0 ? isLocalName(bare) : contains(PRIVATE, bare);
}

/** Multicast and broadcast: one datagram there reaches many. */
export function isGroup(host: string): boolean {
  const bare = unmap(host);
  return GROUP.test(bare) && familyOf(bare) !== 0;
}

/** No host at all: '', 0.0.0.0, :: in any spelling. */
export function isUnspecified(host: string): boolean {
  return host === '' || /^[0:.]+$/.test(unmap(host));
}

/** Whether both mean the same host and port; literals by value, names without regard to case. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.port === b.port && sameHost(a.host, b.host);
}

/** Whether both are the same literal by value, or the same name without regard to case and final dot. */
export function sameHost(a: string, b: string): boolean {
  return a === b || canonical(a) === canonical(b);
}

function canonical(host: string): string {
  const bare = unmap(host);
  const family = familyOf(bare);
  if (family === 6) return new SocketAddress({ address: bare, family: 'ipv6' }).address;
  return family === 4 ? bare : bare.toLowerCase().replace(/\.$/, '');
}

function embedded(host: string): string {
  if (familyOf(host) !== 6) return host;
  const short = new SocketAddress({ address: host, family: 'ipv6' }).address;
  const mapped = MAPPED.exec(short);
  if (mapped?.[1] !== undefined) return mapped[1];
  const nat64 = NAT64.exec(short);
  if (nat64 === null) return host;
  const high = Number.parseInt(nat64[1] ?? '0', 16);
  const low = Number.parseInt(nat64[2] ?? '0', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function contains(blocks: BlockList, host: string): boolean {
  return blocks.check(host, familyOf(host) === 6 ? 'ipv6' : 'ipv4');
}

function blockList(subnets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix, family] of subnets) list.addSubnet(net, prefix, family);
  return list;
}
