/**
 * A deliberately small SOCKS5 client for tests: shares no code with the engine, so that both can not be wrong alike.
 * No authentication, IPv4 literals and names only.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Address } from '../net/conn.ts';

/** Opens a TCP connection and waits for it. */
export async function open(to: Address): Promise<Socket> {
  const socket = connect({ host: to.host, port: to.port, allowHalfOpen: true, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

const CHANGES = ['readable', 'end', 'close', 'error'] as const;

/** Reads exactly `length` bytes; rejects when the stream ends before. */
export async function take(socket: Duplex, length: number): Promise<Buffer> {
  let wake: () => void = () => undefined;
  const onChange = (): void => wake();
  // attached once: a listener added while bytes wait is called at once, which would spin until the rest has come
  for (const event of CHANGES) socket.on(event, onChange);
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const bytes: unknown = length === 0 ? Buffer.alloc(0) : socket.read(length);
      if (Buffer.isBuffer(bytes) && bytes.length === length) return bytes;
      if (socket.readableEnded || socket.destroyed) throw new Error('the stream ended early');
      await changed;
    }
  } finally {
    for (const event of CHANGES) socket.off(event, onChange);
  }
}

/** The request field for an address. */
export function field({ host, port }: Address): Buffer {
  const tail = Buffer.from([port >> 8, port & 255]);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host))
    return Buffer.concat([Buffer.from([1, ...host.split('.').map(Number)]), tail]);
  return Buffer.concat([Buffer.from([3, host.length]), Buffer.from(host, 'latin1'), tail]);
}

/** Greets, asks for `command`, returns the reply code and the bound address. */
export async function ask(
  socket: Socket,
  command: number,
  target: Address,
): Promise<{ rep: number; bound: Address }> {
  socket.write(Buffer.from([5, 1, 0]));
  const method = await take(socket, 2);
  if (method[1] !== 0) throw new Error(`the server chose method ${String(method[1])}`);
  socket.write(Buffer.concat([Buffer.from([5, command, 0]), field(target)]));
  const head = await take(socket, 4);
  const host = head[3] === 4 ? await take(socket, 16) : await take(socket, 4);
  const port = await take(socket, 2);
  return {
    rep: head.readUInt8(1),
    bound: { host: [...host].join(head[3] === 4 ? ':' : '.'), port: port.readUInt16BE(0) },
  };
}

/** CONNECT through a proxy; rejects with the reply code when it is refused. */
export async function connectThrough(proxy: Address, target: Address): Promise<Socket> {
  const socket = await open(proxy);
  const { rep } = await ask(socket, 1, target);
  if (rep === 0) return socket;
  socket.destroy();
  throw Object.assign(new Error(`refused with ${rep}`), { rep });
}

export interface Association {
  readonly control: Socket;
  readonly udp: UdpSocket;
  readonly relay: Address;
  send(payload: Buffer, to: Address): void;
  /** The next reply's payload. */
  next(): Promise<Buffer>;
  close(): void;
}

/** UDP ASSOCIATE on loopback. */
export async function associateThrough(proxy: Address): Promise<Association> {
  const control = await open(proxy);
  const { rep, bound } = await ask(control, 3, { host: '0.0.0.0', port: 0 });
  if (rep !== 0) throw new Error(`refused with ${rep}`);
  const udp = createSocket('udp4');
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  return {
    control,
    udp,
    relay: bound,
    send: (payload, to) =>
      udp.send(Buffer.concat([Buffer.from([0, 0, 0]), field(to), payload]), bound.port, bound.host),
    next: async () => {
      const [message] = (await once(udp, 'message')) as [Buffer];
      return message.subarray(10);
    },
    close: () => {
      udp.close();
      control.destroy();
    },
  };
}
