/** Addresses as text in forms, tables and commands. IPv6 literals wear brackets in front of a port. */
import type { Address } from '../../core/contract/address.ts';

export function hostPort(address: Address): string {
  return `${bracketed(address.host)}:${address.port}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Splits `host:port`, `[v6]:port` or `:port`; the port stays text because a form shows what was typed. */
export function splitAddress(text: string): { host: string; port: string } {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(text.trim());
  if (match === null) return { host: text.trim(), port: '' };
  return { host: match[1] ?? match[2] ?? '', port: match[3] ?? '' };
}

export function joinAddress(host: string, port: string): string {
  return `${bracketed(host)}:${port}`;
}

/** Only this computer can connect to it. An empty host is every interface, as in GOST. */
export function loopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  return name === 'localhost' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

/** Every interface of this computer. */
export function anyHost(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::';
}

/** Where a program on this computer reaches a bound address. */
export function reachable(address: Address): Address {
  if (!anyHost(address.host)) return address;
  return { host: '127.0.0.1', port: address.port };
}

/** A port a service can listen on. */
export function validPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}
