/**
 * What each system's tables say about whose sockets are whose, as text in and plain values out, so that every system's is tested
 * everywhere: /proc/net/tcp and udp of Linux, `lsof` of macOS, Get-NetTCPConnection and Get-NetUDPEndpoint of Windows.
 */
import { unmap } from '../net/address.ts';
import type { Address } from '../net/conn.ts';

/** The client's end of a connection to us. */
export interface ClientSocket {
  readonly client: Address;
  readonly udp: boolean;
  /** The port at our end; 0 when it does not matter. */
  readonly port: number;
}

/** Columns of a line of /proc/net/tcp: local address, remote address, inode. */
const LOCAL = 1;
const REMOTE = 2;
const INODE = 9;

/** `127.0.0.1` as /proc/net writes it: 32-bit words in the byte order of x86 and ARM, in hexadecimal. */
export function procHost(host: string): string[] {
  const plain = unmap(host);
  const four = plain.split('.').map(Number);
  if (four.length === 4 && four.every((byte) => byte >= 0 && byte <= 255)) {
    const word = hex(four.toReversed());
    return [word, `0000000000000000FFFF0000${word}`];
  }
  const bytes = bytesOf6(plain);
  if (bytes === null) return [];
  const words = [0, 4, 8, 12].map((at) => hex(bytes.slice(at, at + 4).toReversed()));
  return [words.join('')];
}

/** Finds the inodes of sockets in the lines of a table, piece by piece. */
export class ProcTable {
  /** Index of the socket asked about by its local end as the table writes it. */
  readonly #wanted = new Map<string, number>();
  readonly #ports: readonly string[];
  readonly inodes = new Map<number, string>();
  #rest = '';

  constructor(sockets: readonly ClientSocket[], udp: boolean) {
    this.#ports = sockets.map(({ port }) => (udp || port === 0 ? '' : hexPort(port)));
    for (const [index, socket] of sockets.entries()) {
      if (socket.udp !== udp) continue;
      const port = hexPort(socket.client.port);
      for (const host of procHost(socket.client.host)) this.#wanted.set(`${host}:${port}`, index);
      // a datagram socket of a client is rarely bound to one address
      if (udp) for (const any of ANY) this.#wanted.set(`${any}:${port}`, index);
    }
  }

  get idle(): boolean {
    return this.#wanted.size === 0;
  }

  /** Takes the next piece of the table; a piece may end in the middle of a line. */
  take(piece: string): void {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    const colon = line.indexOf(': ');
    const end = line.indexOf(' ', colon + 2);
    const index = this.#wanted.get(line.slice(colon + 2, end));
    if (index === undefined) return;
    const columns = line.trim().split(/\s+/);
    const inode = columns[INODE];
    const ours = this.#ports[index] ?? '';
    if (columns[LOCAL] === undefined || inode === undefined || inode === '0') return;
    if (ours !== '' && columns[REMOTE]?.endsWith(`:${ours}`) !== true) return;
    this.inodes.set(index, inode);
  }
}

const ANY = ['0'.repeat(8), '0'.repeat(32)];

/** Pid and name of every socket in `lsof -nP -iTCP -iUDP -FpcPn`, by the key of `keyOf`. */
export function fromLsofList(output: string): Map<string, { pid: number; name: string }> {
  const found = new Map<string, { pid: number; name: string }>();
  let pid = 0;
  let name = '';
  let udp = false;
  for (const line of output.split('\n')) {
    const value = line.slice(1);
    if (line.startsWith('p')) pid = Number(value);
    else if (line.startsWith('c')) name = unescaped(value);
    else if (line.startsWith('P')) udp = value === 'UDP';
    else if (line.startsWith('n')) {
      const [local = '', remote = ''] = value.split('->');
      const client = endpoint(local);
      if (client === null || (!udp && remote === '')) continue;
      found.set(keyOf({ client, udp, port: endpoint(remote)?.port ?? 0 }), { pid, name });
    }
  }
  return found;
}

/**
 * Pid by socket in the CSV of `Get-NetTCPConnection | Select LocalAddress,LocalPort,RemotePort,OwningProcess` and of
 * `Get-NetUDPEndpoint | Select LocalAddress,LocalPort,OwningProcess`.
 */
export function fromPowerShell(csv: string): Map<string, number> {
  const found = new Map<string, number>();
  let head: readonly string[] = [];
  for (const line of csv.split(/\r?\n/)) {
    const cells = line.split(',').map((cell) => cell.replace(/^"|"$/g, ''));
    if (cells.includes('OwningProcess')) {
      head = cells;
      continue;
    }
    const cell = (name: string): string => cells[head.indexOf(name)] ?? '';
    const port = Number(cell('LocalPort'));
    const pid = Number(cell('OwningProcess'));
    if (!Number.isInteger(port) || port === 0 || !Number.isInteger(pid) || pid === 0) continue;
    const udp = !head.includes('RemotePort');
    const client = { host: unmap(cell('LocalAddress').replace(/%.*$/, '')), port };
    found.set(keyOf({ client, udp, port: udp ? 0 : Number(cell('RemotePort')) }), pid);
  }
  return found;
}

/** Image name by pid in `tasklist /FO CSV /NH`, without .exe. */
export function fromTaskList(csv: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const line of csv.split(/\r?\n/)) {
    const row = /^"([^"]+)","(\d+)"/.exec(line);
    if (row?.[1] !== undefined) found.set(Number(row[2]), row[1].replace(/\.exe$/i, ''));
  }
  return found;
}

/** One text for one client socket. */
export function keyOf({ client, udp, port }: ClientSocket): string {
  return `${udp ? 'udp' : 'tcp'} ${unmap(client.host)} ${client.port} ${udp ? 0 : port}`;
}

/** The keys a client socket may be listed under: a datagram socket is rarely bound to one address. */
export function keysOf(socket: ClientSocket): string[] {
  if (!socket.udp) return [keyOf(socket)];
  return ['', '0.0.0.0', '::', '*'].map((any) =>
    keyOf({ ...socket, client: { host: any === '' ? socket.client.host : any, port: socket.client.port } }),
  );
}

function endpoint(text: string): Address | null {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port)) return null;
  return { host: unmap(text.slice(0, colon).replace(/^\[|\]$/g, '')), port };
}

/** lsof writes a blank in a name as \x20. */
function unescaped(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}

function bytesOf6(host: string): number[] | null {
  const [head = '', tail] = host.replace(/%.*$/, '').split('::');
  const words = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((word) => parseInt(word, 16));
  const left = words(head);
  const right = tail === undefined ? [] : words(tail);
  const missing = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: Math.max(0, missing) }, () => 0), ...right];
  if (all.length !== 8 || all.some((word) => !(word >= 0 && word <= 0xffff))) return null;
  return all.flatMap((word) => [word >> 8, word & 255]);
}
