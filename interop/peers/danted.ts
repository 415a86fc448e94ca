/**
 * Dante's SOCKS server: SOCKS4 and SOCKS5 (CONNECT, BIND, UDP ASSOCIATE) without password. It takes a SOCKS4a request for one
 * to the address 0.0.0.x and refuses it. No HTTP here.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newFolder, removeFolder, start } from './process.ts';
import { freePort, peerOn, type Peer } from './ready.ts';

export interface DantedOptions {
  /** Address to listen on. */
  readonly host?: '127.0.0.1' | '::1';
}

/** Starts danted. Its passwords are those of the system's users, so that a password can not be tested without making one. */
export async function startDanted({ host = '127.0.0.1' }: DantedOptions = {}): Promise<Peer> {
  const port = await freePort(host);
  const folder = await newFolder('danted');
  const file = join(folder, 'danted.conf');
  await writeFile(file, configuration(host, port));
  const program = await start('danted', ['-f', file], { folder });
  const stop = async (): Promise<void> => {
    await program.stop();
    await removeFolder(folder);
  };
  return peerOn({ ...program, stop }, host, port);
}

function configuration(host: string, port: number): string {
  const privileges = process.getuid?.() === 0 ? ['user.privileged: root', 'user.unprivileged: nobody'] : [];
  return [
    'logoutput: stderr',
    `internal: ${host} port = ${port}`,
    'external: 127.0.0.1',
    'external: ::1',
    'external.rotation: route',
    'clientmethod: none',
    'socksmethod: none',
    ...privileges,
    'client pass { from: 0/0 to: 0/0 }',
    'socks pass { from: 0/0 to: 0/0 command: connect bind udpassociate bindreply udpreply }',
    '',
  ].join('\n');
}
