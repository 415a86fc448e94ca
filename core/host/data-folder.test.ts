import assert from 'node:assert/strict';
import { sep } from 'node:path';
import { test } from 'node:test';
import { defaultDataFolder } from './data-folder.ts';

const unix = (path: string): string => path.split(sep).join('/');

test('follows the convention of each system', () => {
  assert.equal(unix(defaultDataFolder({}, 'linux', '/home/me')), '/home/me/.config/sockeye');
  assert.equal(unix(defaultDataFolder({ XDG_CONFIG_HOME: '/x' }, 'linux', '/home/me')), '/x/sockeye');
  assert.equal(
    unix(defaultDataFolder({ XDG_CONFIG_HOME: 'x' }, 'linux', '/home/me')),
    '/home/me/.config/sockeye',
  );
  assert.equal(
    unix(defaultDataFolder({}, 'darwin', '/Users/me')),
    '/Users/me/Library/Application Support/Sockeye',
  );
  assert.equal(unix(defaultDataFolder({ APPDATA: 'R' }, 'win32', 'H')), 'R/Sockeye');
  assert.equal(unix(defaultDataFolder({}, 'win32', 'H')), 'H/AppData/Roaming/Sockeye');
});
