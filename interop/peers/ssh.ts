/**
 * OpenSSH's dynamic forwarding: an sshd of our own on a loopback port with throwaway keys, and `ssh -D` into it. The port of
 * the peer is the SOCKS port of ssh: SOCKS4, SOCKS4a and SOCKS5, CONNECT only, no password.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { newFolder, removeFolder, run, start, type Program } from './process.ts';
import { freePort, peerOn, type Peer } from './ready.ts';

const HOST = '127.0.0.1';

/** Starts sshd and `ssh -D`; both end with `stop`. The log is that of both. */
export async function startSshDynamic(): Promise<Peer> {
  const folder = await newFolder('ssh');
  const started: Program[] = [];
  const stop = async (): Promise<void> => {
    for (const program of started.toReversed()) await program.stop();
    await removeFolder(folder);
  };
  try {
    const sshdPort = await startServer(folder, started);
    const port = await freePort(HOST);
    const ssh = await start('ssh', clientArguments(folder, sshdPort, port), { folder });
    started.push(ssh);
    const log = (): string => started.map((program) => `[${program.name}]\n${program.log()}`).join('\n');
    const peer = await peerOn({ ...ssh, log, stop }, HOST, port);
    return { ...peer, name: 'ssh -D' };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startServer(folder: string, started: Program[]): Promise<number> {
  for (const key of ['host', 'user']) {
    const made = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)], {
      folder,
    });
    if (made.code !== 0) throw new Error(`ssh-keygen failed: ${made.stderr}`);
  }
  await copyFile(join(folder, 'user.pub'), join(folder, 'authorized_keys'));
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 }); // root's sshd refuses to start without
  const port = await freePort(HOST);
  const file = join(folder, 'sshd_config');
  await writeFile(file, serverConfiguration(folder, port));
  const sshd = await start('sshd', ['-D', '-e', '-f', file], { folder });
  started.push(sshd);
  await peerOn(sshd, HOST, port);
  return port;
}

function serverConfiguration(folder: string, port: number): string {
  return [
    `ListenAddress ${HOST}:${port}`,
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no', // the key files lie below a world-writable temporary folder
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'AllowTcpForwarding yes',
    'MaxSessions 100',
    '',
  ].join('\n');
}

function clientArguments(folder: string, sshdPort: number, port: number): string[] {
  const options = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'BatchMode=yes',
    'ExitOnForwardFailure=yes',
    'IdentitiesOnly=yes',
  ];
  return [
    '-F',
    'none',
    '-N',
    ...options.flatMap((option) => ['-o', option]),
    '-i',
    join(folder, 'user'),
    '-D',
    `${HOST}:${port}`,
    '-p',
    String(sshdPort),
    `${userInfo().username}@${HOST}`,
  ];
}
