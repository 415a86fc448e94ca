/**
 * Lists of address patterns as GOST writes them, compiled so that thousands of rules cost one lookup per name label or per
 * prefix length: IP, CIDR, `from-to` range, name, `.domain` (it and all below), `*.domain` (all below), glob; each with an
 * optional `:port` or `:from-to`. IP patterns match literals only; globs match literals as text, too.
 */
import { ProxyError } from '../errors.ts';
import { familyOf, unmap } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import { encodeIp } from '../socks/atyp.ts';
import { compileGlob, isGlob } from './glob.ts';

export type AddressMatcher = (address: Address) => boolean;

/** Ports a pattern is about, as inclusive ranges. */
type Ports = readonly (readonly [number, number])[];

const ANY_PORT: Ports = [[0, 65_535]];
const BITS = { 4: 32, 6: 128 } as const;

/** Compiles a list. Throws `config` naming `where` for a pattern that can not be read: a rule must not vanish silently. */
export function compileMatchers(patterns: readonly string[], where: string): AddressMatcher {
  const prefixes = { 4: new PrefixTable(BITS[4]), 6: new PrefixTable(BITS[6]) };
  const names = new NameTable();
  const globs: { readonly matches: (text: string) => boolean; readonly ports: Ports }[] = [];

  for (const pattern of patterns) {
    const text = pattern.trim();
    if (text === '') continue;
    const split = splitPorts(text);
    const block = split === null ? null : readBlock(split.host);
    if (split === null || block === 'bad') {
      throw new ProxyError('config', { where, message: `"${text}" is not an address pattern` });
    }
    const { host, ports } = split;
    if (block !== null) prefixes[block.family].addRange(block.first, block.last, ports);
    else if (isGlob(host) && !isBelow(host)) globs.push({ matches: compileGlob(host), ports });
    else names.add(host, ports);
  }

  return ({ host, port }) => {
    const text = plain(host);
    const family = familyOf(text);
    if (family === 0 ? names.matches(text, port) : prefixes[family].matches(valueOf(text), port)) return true;
    return globs.some(({ matches, ports }) => covers(ports, port) && matches(text));
  };
}

/** Blocks of addresses by prefix length; a lookup asks each length in use once. */
class PrefixTable {
  readonly #bits: number;
  readonly #byLength = new Map<number, Map<bigint, Ports>>();

  constructor(bits: number) {
    this.#bits = bits;
  }

  /** Cuts the range into aligned blocks: at most two per bit. */
  addRange(first: bigint, last: bigint, ports: Ports): void {
    let at = first;
    while (at <= last) {
      let free = 0;
      while (free < this.#bits && (at & ((1n << BigInt(free + 1)) - 1n)) === 0n) {
        if (at + (1n << BigInt(free + 1)) - 1n > last) break;
        free += 1;
      }
      this.#add(at >> BigInt(free), this.#bits - free, ports);
      at += 1n << BigInt(free);
    }
  }

  matches(value: bigint, port: number): boolean {
    for (const [length, blocks] of this.#byLength) {
      const ports = blocks.get(value >> BigInt(this.#bits - length));
      if (ports !== undefined && covers(ports, port)) return true;
    }
    return false;
  }

  #add(key: bigint, length: number, ports: Ports): void {
    const blocks = this.#byLength.get(length) ?? new Map<bigint, Ports>();
    this.#byLength.set(length, blocks);
    blocks.set(key, [...(blocks.get(key) ?? []), ...ports]);
  }
}

/** Names, and everything below a domain; a lookup walks the labels of a name. */
class NameTable {
  readonly #exact = new Map<string, Ports>();
  readonly #below = new Map<string, Ports>();

  add(pattern: string, ports: Ports): void {
    const domain = pattern.replace(/^\*?\./, '');
    if (!isBelow(pattern)) put(this.#exact, domain, ports);
    if (isBelow(pattern) || pattern.startsWith('.')) put(this.#below, domain, ports);
  }

  matches(name: string, port: number): boolean {
    const exact = this.#exact.get(name);
    if (exact !== undefined && covers(exact, port)) return true;
    if (this.#below.size === 0) return false;
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      const ports = this.#below.get(name.slice(dot + 1));
      if (ports !== undefined && covers(ports, port)) return true;
    }
    return false;
  }
}

function put(table: Map<string, Ports>, key: string, ports: Ports): void {
  table.set(key, [...(table.get(key) ?? []), ...ports]);
}

/** `*.domain` with nothing else to expand. */
function isBelow(pattern: string): boolean {
  return pattern.startsWith('*.') && !isGlob(pattern.slice(2));
}

function covers(ports: Ports, port: number): boolean {
  return ports.some(([from, to]) => port >= from && port <= to);
}

/** Host and ports of a pattern. IPv6 with a port stands in brackets; without one it may. Null when that can not be read. */
function splitPorts(text: string): { host: string; ports: Ports } | null {
  const bracketed = /^\[([^[\]]*:[^[\]]*)\](?::(.*))?$/.exec(text);
  const colon = text.indexOf(':');
  const single = bracketed === null && colon !== -1 && colon === text.lastIndexOf(':');
  const host = bracketed?.[1] ?? (single ? text.slice(0, colon) : text);
  const portText = bracketed === null ? (single ? text.slice(colon + 1) : undefined) : bracketed[2];
  const ports = portText === undefined ? ANY_PORT : readPorts(portText);
  return ports === null ? null : { host: plain(host === '' ? '*' : host), ports };
}

function readPorts(text: string): Ports | null {
  const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (range === null) return null;
  const from = Number(range[1]);
  const to = Number(range[2] ?? range[1]);
  return from <= to && to <= 65_535 ? [[from, to]] : null;
}

interface Block {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** The addresses an IP, CIDR or range means; null for a name, 'bad' for what looks like one of them and is none. */
function readBlock(host: string): Block | 'bad' | null {
  const [net = '', length, ...rest] = host.split('/');
  if (length !== undefined) return rest.length > 0 ? 'bad' : readCidr(net, length);
  const [from = '', to, ...more] = host.split('-');
  if (familyOf(from) !== 0 && to !== undefined && more.length === 0) return readRange(from, to);
  if (familyOf(host) !== 0) return readRange(host, host);
  return host.includes(':') ? 'bad' : null;
}

function readCidr(net: string, lengthText: string): Block | 'bad' {
  if (familyOf(net) === 0 || !/^\d{1,3}$/.test(lengthText)) return 'bad';
  const mapped = net.includes(':') && familyOf(unmap(net)) === 4;
  const family = familyOf(unmap(net)) === 4 ? 4 : 6;
  const length = Number(lengthText) - (mapped ? BITS[6] - BITS[4] : 0);
  if (length < 0 || length > BITS[family]) return 'bad';
  const free = BigInt(BITS[family] - length);
  const first = (valueOf(unmap(net)) >> free) << free;
  return { family, first, last: first + (1n << free) - 1n };
}

function readRange(from: string, to: string): Block | 'bad' {
  const family = familyOf(unmap(from));
  if (family === 0 || family !== familyOf(unmap(to))) return 'bad';
  const first = valueOf(unmap(from));
  const last = valueOf(unmap(to));
  return first <= last ? { family, first, last } : 'bad';
}

function valueOf(literal: string): bigint {
  const bytes = encodeIp(literal);
  return bytes === null ? 0n : BigInt(`0x${bytes.toString('hex')}`);
}

/** Hosts compare in lower case, without final dot, IPv4 out of its IPv6 mapping. */
function plain(host: string): string {
  return unmap(host).toLowerCase().replace(/\.$/, '');
}
