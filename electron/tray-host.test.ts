import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sessionBus } from './fixtures/session-bus.ts';
import { busPaths, trayIsShown } from './tray-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'sockeye-bus-'));
after(() => rmSync(folder, { recursive: true }));
const ONCE = { tries: 1, everyMs: 0 };

function at(path: string): { platform: NodeJS.Platform; env: Record<string, string> } {
  return { platform: 'linux', env: { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path},guid=0a` } };
}

for (const [tray, shown] of [
  ['none', false],
  ['empty', false],
  ['shown', true],
] as const) {
  for (const pieces of [false, true]) {
    test(`a bus with the tray ${tray}${pieces ? ', byte by byte' : ''}: ${shown}`, async () => {
      const path = join(folder, `${tray}-${pieces}`);
      const bus = await sessionBus(path, tray, pieces);
      assert.equal(await trayIsShown(at(path), ONCE), shown);
      assert.equal(bus.asked, 1);
      bus.close();
    });
  }
}

test('a panel that begins later is waited for', async () => {
  const path = join(folder, 'later');
  const bus = await sessionBus(path, 'none');
  const asking = trayIsShown(at(path), { tries: 50, everyMs: 5 });
  while (bus.asked < 3) await new Promise((resolve) => setImmediate(resolve));
  bus.tray = 'shown';
  assert.equal(await asking, true);
  bus.close();
});

test('no bus, a bus that refuses, talks nonsense or hangs up: no tray', async () => {
  assert.equal(await trayIsShown({ platform: 'linux', env: {} }, ONCE), false);
  assert.equal(await trayIsShown(at(join(folder, 'nobody')), { tries: 50, everyMs: 1000 }), false);
  const answers = [
    'REJECTED EXTERNAL\r\n',
    'OK 0a\r\n' + '\xff'.repeat(16),
    'OK 0a\r\nl' + '\x7f'.repeat(70_000),
    null,
  ];
  for (const [index, answer] of answers.entries()) {
    const path = join(folder, `bad-${index}`);
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (answer === null) socket.end();
      else socket.write(answer, 'latin1');
    }).listen(path);
    await once(server, 'listening');
    assert.equal(await trayIsShown(at(path), ONCE), false, JSON.stringify(answer).slice(0, 30));
    server.close();
  }
});

test('macOS and Windows always show the tray', async () => {
  for (const platform of ['darwin', 'win32'] as const)
    assert.equal(await trayIsShown({ platform, env: {} }, ONCE), true);
});

test('the session bus is where the session says, else where systemd puts it', () => {
  const named = (address: string): string[] =>
    busPaths({ DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: '/run/user/7' });
  assert.deepEqual(named('unix:path=/run/user/1000/bus'), ['/run/user/1000/bus']);
  assert.deepEqual(named('unix:guid=0a,path=/tmp/a%20b'), ['/tmp/a b']);
  assert.deepEqual(named('unix:abstract=/tmp/dbus-x,guid=0a'), ['\0/tmp/dbus-x']);
  assert.deepEqual(named('tcp:host=h,port=1;unix:path=/b'), ['/b']);
  assert.deepEqual(named(''), ['/run/user/7/bus']);
  assert.deepEqual(busPaths({}), []);
});
