// Types of list.mjs for the TypeScript tests; the script itself stays plain so that it runs before `npm ci`.

/** Every program that peers.mjs knows. */
export type PeerName =
  | 'curl'
  | 'danted'
  | 'microsocks'
  | 'sshd'
  | 'ssh'
  | 'ssh-keygen'
  | 'proxychains4'
  | 'redsocks'
  | 'iperf3'
  | 'nc'
  | 'pysocks'
  | 'ss-server'
  | 'ss-local'
  | 'tor'
  | 'tor-resolve'
  | 'chromium'
  | 'gost3'
  | 'gost2'
  | 'traffic';

/** Repository root, with a trailing slash. */
export const ROOT: string;

/** Path of the peer's program (for pysocks: of the python that has the module), or null when it is not there. */
export function locate(name: PeerName): string | null;

/** The one command that brings an absent peer. */
export function remedy(name: PeerName): string;
