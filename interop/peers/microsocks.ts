/** microsocks: SOCKS5 CONNECT only, with or without user and password. */
import { start } from './process.ts';
import { freePort, peerOn, type Peer } from './ready.ts';

export interface MicrosocksOptions {
  readonly host?: '127.0.0.1' | '::1';
  readonly user?: string;
  readonly password?: string;
}

/** Starts microsocks; with `user` and `password` it demands them. */
export async function startMicrosocks({
  host = '127.0.0.1',
  user,
  password,
}: MicrosocksOptions = {}): Promise<Peer> {
  const port = await freePort(host);
  const login = user === undefined ? [] : ['-u', user, '-P', password ?? ''];
  const program = await start('microsocks', ['-i', host, '-p', String(port), ...login]);
  return peerOn(program, host, port);
}
