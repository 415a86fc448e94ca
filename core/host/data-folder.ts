/** Where Sockeye keeps what is its own, by the convention of each system. Naming only; whoever writes there makes the folder (mode 0700). */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder for configuration and state. `env` and `platform` are parameters for tests. */
export function defaultDataFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (platform === 'win32') return join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Sockeye');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Sockeye');
  const base = env['XDG_CONFIG_HOME'];
  // the XDG specification: a relative path is to be ignored
  return join(base !== undefined && base.startsWith('/') ? base : join(home, '.config'), 'sockeye');
}
