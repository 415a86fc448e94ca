/** Sending traffic through other proxies: adding hops, changing them, and saying which one is down. */
import { readFile } from 'node:fs/promises';
import { expect, startLocal, test } from './fixtures.ts';
import { tabTo } from './keyboard.ts';
import { connectThrough, deadPort, tcpEcho, webServer } from './peers.ts';
import { run } from './product.ts';

/** Another Sockeye as the proxy to go through. */
async function upstream(): Promise<{ port: number; close: () => Promise<void> }> {
  const proxy = await run(
    ['-L', 'socks5://127.0.0.1:0?udp=true'],
    /"event":"listening".*?"address":"127\.0\.0\.1:(\d+)"/,
  );
  return { port: Number(proxy.found), close: proxy.stop };
}

test('a pasted proxy URL becomes the way out at once', async ({ app, keep }) => {
  const { page } = app;
  const proxy = keep(await upstream());
  const echo = keep(await tcpEcho());
  const local = await startLocal(page);
  await page.getByRole('button', { name: 'Add a hop' }).click();
  const field = page.getByRole('textbox', { name: 'Address of the proxy to go through' });
  await field.fill('somewhere else');
  await expect(page.getByText(/is not an address/)).toBeVisible();
  await field.fill(`socks5://127.0.0.1:${proxy.port}`);
  await expect(page.getByText(`socks5://127.0.0.1:${proxy.port}`)).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(
    page.getByRole('list', { name: 'The way of the traffic' }).getByText(`127.0.0.1:${proxy.port}`),
  ).toBeVisible();

  const socket = await connectThrough(local, echo);
  keep({ close: () => socket.destroy() });
  await app.go('Connections');
  await expect(
    page
      .getByRole('row')
      .filter({ hasText: `127.0.0.1:${echo.port}` })
      .getByText('node-0'),
  ).toBeVisible();

  await app.go('Chains');
  await page.getByRole('button', { name: 'Test chain' }).click();
  await expect(page.getByText(/^Works: /)).toBeVisible();
  await expect(page.getByRole('gridcell').filter({ hasText: `127.0.0.1:${proxy.port}` })).toContainText(
    /adds \S+ ms/,
  );
});

test('an edit of the lane is undone and done again', async ({ app }) => {
  const { page } = app;
  await startLocal(page);
  await app.go('Chains');
  await page.getByRole('button', { name: 'Add a hop', exact: true }).click();
  await page
    .getByRole('textbox', { name: 'Address of the proxy to go through' })
    .fill('socks5://10.0.0.1:1080');
  await page.getByRole('button', { name: 'Add a hop', exact: true }).last().click();
  const first = page.getByRole('gridcell').filter({ hasText: '10.0.0.1:1080' });
  await expect(first).toBeVisible();

  await page.getByRole('button', { name: /^Add a hop at the end/ }).click();
  await page
    .getByRole('textbox', { name: 'Address of the proxy to go through' })
    .fill('http://10.0.0.2:8080');
  await page.keyboard.press('Enter');
  const second = page.getByRole('gridcell').filter({ hasText: '10.0.0.2:8080' });
  await expect(second).toBeVisible();
  await expect(page.getByRole('row')).toHaveCount(2);

  // the second hop goes in front with the keyboard, and back with undo
  await second.focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(page.getByRole('row').first()).toContainText('10.0.0.2:8080');
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('row').first()).toContainText('10.0.0.1:1080');
  await page.keyboard.press('Control+Shift+z');
  await expect(page.getByRole('row').first()).toContainText('10.0.0.2:8080');

  await page.getByRole('gridcell').filter({ hasText: '10.0.0.2:8080' }).focus();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('row')).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
  await expect(page.getByRole('row')).toHaveCount(2);
});

test('hops are put in another order with the pointer as well', async ({ app }) => {
  const { page } = app;
  await startLocal(page);
  await app.go('Chains');
  for (const uri of ['socks5://10.0.0.1:1080', 'socks5://10.0.0.2:1080']) {
    await page
      .getByRole('button', { name: /^Add a hop( at the end of .*)?$/ })
      .last()
      .click();
    await page.getByRole('textbox', { name: 'Address of the proxy to go through' }).fill(uri);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('gridcell').filter({ hasText: uri.slice(9) })).toBeVisible();
  }
  const from = await page.locator('.hop-grip').last().boundingBox();
  const to = await page.getByRole('gridcell').filter({ hasText: '10.0.0.1:1080' }).boundingBox();
  if (from === null || to === null) throw new Error('the lane is not in sight');
  await page.mouse.move(from.x + 8, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x - 30, from.y + 10, { steps: 4 });
  await page.mouse.move(to.x + 40, to.y + 20, { steps: 8 });
  await page.mouse.up();
  await expect(page.getByRole('row').first()).toContainText('10.0.0.2:1080');
});

test.describe('a dead hop', () => {
  let dead = 0;
  test.use({
    config: async ({}, use) => {
      dead = await deadPort();
      await use(
        [
          'services:',
          '  - name: local',
          '    addr: 127.0.0.1:0',
          '    handler: { type: socks5, chain: work }',
          '    listener: { type: tcp }',
          'chains:',
          '  - name: work # the way out',
          '    hops:',
          '      - name: first',
          '        nodes:',
          '          - name: gone',
          `            addr: 127.0.0.1:${dead}`,
          '            connector: { type: socks5 }',
          '            dialer: { type: tcp }',
          '      - name: second',
          '        nodes:',
          '          - name: behind',
          '            addr: 10.0.0.9:1080',
          '            connector: { type: socks5 }',
          '            dialer: { type: tcp }',
          '',
        ].join('\n'),
      );
    },
  });

  test('is named with its reason, and what lies behind it was not reached', async ({ app }) => {
    const { page } = app;
    await app.go('Chains');
    await page.getByRole('button', { name: 'Test chain' }).click();
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('Hop 1 (first) failed at: connect.');
    await expect(alert).toContainText('refused the connection');
    await expect(alert.getByRole('button', { name: 'Edit hop' })).toBeVisible();
    await expect(page.getByRole('gridcell').filter({ hasText: `127.0.0.1:${dead}` })).toContainText(
      'Failing',
    );
    await expect(page.getByRole('gridcell').filter({ hasText: '10.0.0.9:1080' })).toContainText(
      'Not reached',
    );
  });

  test('fails a connection with the same words, and nothing goes around it', async ({ app, keep }) => {
    const { page } = app;
    const web = keep(await webServer());
    await app.go('Services');
    const address = await page.getByRole('cell', { name: /127\.0\.0\.1:[1-9]/ }).innerText();
    const port = Number(/:(\d+)/.exec(address)?.[1]);
    await expect(connectThrough({ host: '127.0.0.1', port }, web)).rejects.toThrow();
    await app.go('Connections');
    await page.getByRole('tab', { name: 'Closed' }).click();
    await expect(page.getByRole('row').filter({ hasText: `127.0.0.1:${web.port}` })).toContainText('gone');
  });
});

/** A SOCKS5 proxy with a password. */
async function guarded(): Promise<{ port: number; close: () => Promise<void> }> {
  const proxy = await run(
    ['-L', 'socks5://me:right@127.0.0.1:0'],
    /"event":"listening".*?"address":"127\.0\.0\.1:(\d+)"/,
  );
  return { port: Number(proxy.found), close: proxy.stop };
}

test('a wrong password is pinned to the sign-in of hop 1, and the fix leads to it', async ({ app, keep }) => {
  const { page } = app;
  const proxy = keep(await guarded());
  const echo = keep(await tcpEcho());
  await startLocal(page);
  await page.getByRole('button', { name: 'Add a hop' }).click();
  const field = page.getByRole('textbox', { name: 'Address of the proxy to go through' });
  await field.fill(`socks5://me:wrong@127.0.0.1:${proxy.port}`);
  await page.keyboard.press('Enter');
  await app.go('Chains');
  await page.getByRole('textbox', { name: 'Target' }).fill(`127.0.0.1:${echo.port}`);
  await page.keyboard.press('Enter');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('Hop 1 (hop-0) failed at: sign in.');
  await expect(alert).toContainText('rejected the user name or password');
  await alert.getByRole('button', { name: 'Edit password' }).click();
  const password = page
    .getByRole('complementary', { name: /^Node/ })
    .getByRole('textbox', { name: 'Password' });
  await password.fill('right');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.getByRole('button', { name: 'Test chain' }).click();
  await expect(page.getByText(/^Works: /)).toBeVisible();
  // one test that failed, one that worked, kept as dots
  await expect(page.getByRole('button', { name: /last 2 tests of .*: 1 worked/ })).toBeVisible();
});

test('a chain is built, tested and mended with the keyboard alone, and every stop has a name', async ({
  app,
  keep,
}) => {
  test.slow();
  const { page } = app;
  const proxy = keep(await guarded());
  const echo = keep(await tcpEcho());
  await page.keyboard.press('Tab');
  await tabTo(page, /^Start$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('UDP works,')).toBeAttached();
  await page.keyboard.press('Tab');
  await tabTo(page, /^Add a hop$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Address of the proxy to go through' })).toBeFocused();
  await page.keyboard.type(`socks5://u:p@127.0.0.1:${proxy.port}`);
  await page.keyboard.press('Enter');
  await expect(
    page.getByRole('list', { name: 'The way of the traffic' }).getByText(`127.0.0.1:${proxy.port}`),
  ).toBeVisible();

  await page.keyboard.press('Control+3');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('Tab');
  await tabTo(page, /^Target$/);
  await page.keyboard.press('Control+a');
  await page.keyboard.type(`127.0.0.1:${echo.port}`);
  // back into the lane, where T tests
  for (let stop = 0; stop < 10; stop += 1) {
    if ((await page.locator(':focus').getAttribute('data-place')) !== null) break;
    await page.keyboard.press('Shift+Tab');
  }
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('gridcell').filter({ hasText: `127.0.0.1:${proxy.port}` })).toBeFocused();
  await page.keyboard.press('t');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('Hop 1 (hop-0) failed at: sign in.');
  await tabTo(page, /^Edit password$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^User name$/);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('me');
  await tabTo(page, /^Password$/);
  await page.keyboard.type('right');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/ was changed\.$/)).toBeVisible();
  // Esc closes the inspector, and the focus is on the card it was about
  await page.keyboard.press('Escape');
  await expect(page.getByRole('gridcell').filter({ hasText: `127.0.0.1:${proxy.port}` })).toBeFocused();
  await tabTo(page, /^Try again$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Works: /)).toBeVisible();
});

test.describe('three hops', () => {
  let proxies: { port: number; close: () => Promise<void> }[] = [];
  test.use({
    config: async ({}, use) => {
      proxies = await Promise.all([upstream(), upstream(), upstream()]);
      const hops = proxies.map(({ port }, at) =>
        [
          `      - name: hop-${at}`,
          '        nodes:',
          `          - { name: node-${at}, addr: "127.0.0.1:${port}", connector: { type: socks5 } }`,
        ].join('\n'),
      );
      await use(
        `services:\n  - { name: local, addr: "127.0.0.1:0", handler: { type: socks5, chain: work }, listener: { type: tcp } }\n` +
          `chains:\n  - name: work\n    hops:\n${hops.join('\n')}\n`,
      );
      await Promise.all(proxies.map(({ close }) => close()));
    },
  });

  test('the one that dies is named, and Isolate tells down from out of reach', async ({ app, keep }) => {
    const { page } = app;
    const echo = keep(await tcpEcho());
    await app.go('Chains');
    const card = (at: number) =>
      page.getByRole('gridcell').filter({ hasText: `127.0.0.1:${proxies[at]?.port}` });
    await page.getByRole('textbox', { name: 'Target' }).fill(`127.0.0.1:${echo.port}`);
    await page.getByRole('button', { name: 'Test chain' }).click();
    await expect(page.getByText(/^Works: /)).toBeVisible();
    for (const at of [0, 1, 2]) await expect(card(at)).toContainText(/adds \S+ ms/);

    await proxies[1]?.close();
    await page.getByRole('button', { name: 'Test chain' }).click();
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('Hop 2 (hop-1) failed at: connect.');
    await expect(card(0)).toContainText(/adds/);
    await expect(card(1)).toContainText('Failing: connect');
    await expect(card(2)).toContainText('Not reached');

    await expect(alert.getByRole('button', { name: 'Test from here' })).toBeVisible();
    await alert.getByRole('button', { name: 'Isolate' }).click();
    await page.getByRole('button', { name: 'Connect from here' }).click();
    await expect(page.getByText(/Hop 2 itself is down, from here too/)).toBeVisible();
    // hop 3 answers from here: what fails is the way to it
    await card(2).focus();
    await page.keyboard.press('Shift+I');
    await page.getByRole('button', { name: 'Connect from here' }).click();
    await expect(
      page.getByText('Hop 3 answers from here, so hop 2 can not or may not reach it.'),
    ).toBeVisible();

    // and what is left of the chain from hop 3 on gets to the target, by the keyboard alone
    await card(2).focus();
    await page.keyboard.press('Shift+T');
    await expect(page.getByRole('dialog', { name: 'Test from hop 3 on?' })).toContainText(
      `127.0.0.1:${proxies[2]?.port}`,
    );
    // reading comes first, then the button that closes, then the answer
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await expect(page.getByRole('button', { name: 'Test from here' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByText(/^Works from hop 3 on: /)).toBeVisible();
    await expect(card(0)).toContainText('Left out of this test');
    await expect(card(1)).toContainText('Left out of this test');
    // at the first hop there is nothing to ask: nobody is left out
    await card(0).focus();
    await page.keyboard.press('Shift+T');
    await expect(page.getByText(/^Does not work from hop 1 on/)).toBeVisible();
    // the menu has it too
    await card(2)
      .getByRole('button', { name: /^More for/ })
      .click();
    await expect(page.getByRole('menuitem', { name: /^Test from here/ })).toBeVisible();
  });

  test('the map sends a service another way, by choice and by dragging', async ({ app }) => {
    const { page } = app;
    await app.go('Chains');
    await page.getByRole('button', { name: 'Map', exact: true }).click();
    await page.getByRole('button', { name: /^local, through work/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitemcheckbox', { name: 'Direct' }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: /^local, through Direct/ })).toBeVisible();

    const from = await page.locator('.map-handle').boundingBox();
    const to = await page.getByRole('button', { name: 'work', exact: true }).boundingBox();
    if (from === null || to === null) throw new Error('the map is not in sight');
    const drag = async (): Promise<void> => {
      await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
      await page.mouse.down();
      await page.mouse.move(to.x + 40, to.y + 20, { steps: 8 });
    };
    await drag();
    await page.keyboard.press('Escape');
    await page.mouse.up();
    await expect(page.getByRole('button', { name: /^local, through Direct/ })).toBeVisible();
    await drag();
    await page.mouse.up();
    await expect(page.getByRole('button', { name: /^local, through work/ })).toBeVisible();
  });

  test('the map shows what flows, on the service and on every proxy of its way', async ({ app, keep }) => {
    const { page } = app;
    const echo = keep(await tcpEcho());
    await app.go('Services');
    const address = await page.getByRole('cell', { name: /127\.0\.0\.1:[1-9]/ }).innerText();
    const local = { host: '127.0.0.1', port: Number(/:(\d+)/.exec(address)?.[1]) };
    const socket = await connectThrough(local, echo);
    socket.resume();
    const talk = setInterval(() => socket.write(Buffer.alloc(20_000)), 100);
    keep({
      close: () => {
        clearInterval(talk);
        socket.destroy();
      },
    });
    await app.go('Chains');
    await page.getByRole('button', { name: 'Map', exact: true }).click();
    await expect(page.getByRole('button', { name: /^local, through work/ })).toContainText(/kB\/s/i);
    for (const { port } of proxies)
      await expect(page.getByRole('button', { name: new RegExp(`127.0.0.1:${port}`) })).toContainText(
        /kB\/s/i,
      );
    await expect(page.locator('.map-edge-live')).toHaveCount(5);
  });

  test('the map is walked, zoomed and searched with keys, and moved with the pointer', async ({ app }) => {
    const { page } = app;
    await app.go('Chains');
    await page.getByRole('button', { name: 'Map', exact: true }).click();
    const map = page.getByRole('application');
    const percent = map.locator('..').getByRole('button', { name: /show at actual size/ });
    const fitted = await percent.innerText();
    // one Tab stop; arrows follow the edges from the service to the target
    await page.getByRole('button', { name: /^local, through work/ }).focus();
    await page.keyboard.press('ArrowRight');
    await expect(page.getByRole('button', { name: 'work', exact: true })).toBeFocused();
    for (const { port } of proxies) {
      await page.keyboard.press('ArrowRight');
      await expect(page.getByRole('button', { name: new RegExp(`127.0.0.1:${port}`) })).toBeFocused();
    }
    await page.keyboard.press('End');
    await expect(page.getByRole('img', { name: 'Target' })).toBeFocused();
    await page.keyboard.press('Home');
    await expect(page.getByRole('button', { name: /^local, through work/ })).toBeFocused();

    const shown = async (): Promise<number> => Number.parseInt(await percent.innerText(), 10);
    const before = await shown();
    await page.keyboard.press('+');
    await expect.poll(shown).toBeGreaterThan(before);
    await page.keyboard.press('-');
    await page.keyboard.press('-');
    await expect.poll(shown).toBeLessThan(before);
    await page.keyboard.press('0');
    await expect(percent).toHaveText(fitted);

    // the wheel zooms where the pointer is: what lies there stays there
    const chain = page.getByRole('button', { name: 'work', exact: true });
    const box = await chain.boundingBox();
    if (box === null) throw new Error('the chain is not in sight');
    await page.mouse.move(box.x, box.y);
    await page.mouse.wheel(0, -200);
    await expect.poll(shown).toBeGreaterThan(before);
    const near = await chain.boundingBox();
    expect(Math.abs((near?.x ?? 0) - box.x)).toBeLessThan(2);
    expect(Math.abs((near?.y ?? 0) - box.y)).toBeLessThan(2);
    // trackpads tell of a pinch as a wheel with Control held, in far smaller steps
    const pinched = await shown();
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, 12);
    await page.keyboard.up('Control');
    await expect.poll(shown).toBeLessThan(pinched);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -12);
    await page.keyboard.up('Control');
    await expect.poll(shown).toBe(pinched);
    // and the ground is dragged
    const ground = await map.boundingBox();
    if (ground === null) throw new Error('the map is not in sight');
    await page.mouse.move(ground.x + 200, ground.y + 20);
    await page.mouse.down();
    await page.mouse.move(ground.x + 260, ground.y + 60, { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(async () => Math.round(((await chain.boundingBox())?.x ?? 0) - (near?.x ?? 0)))
      .toBe(60);

    // found by its address, wherever it is
    await page.keyboard.press('Control+f');
    await page.keyboard.type(`:${proxies[2]?.port}`);
    await expect(page.getByText('1 match', { exact: true })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(
      page.getByRole('button', { name: new RegExp(`127.0.0.1:${proxies[2]?.port}`) }),
    ).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('complementary', { name: /^Node/ })).toBeVisible();
  });

  test('is edited with the keyboard alone: skip, rename, cut, paste', async ({ app, context }) => {
    const { page, file } = app;
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await app.go('Chains');
    const rows = page.getByRole('row');
    await rows.nth(1).getByRole('gridcell').nth(1).focus();
    await page.keyboard.press('b');
    await expect(page.getByText(/The hop hop-1 is skipped: traffic goes past it/).first()).toBeVisible();
    expect(await readFile(file, 'utf8')).toContain('sockeye.skip');
    await page.keyboard.press('b');
    await expect(page.getByText(/The hop hop-1 is skipped/)).toHaveCount(0);

    await page.keyboard.press('F2');
    await page.keyboard.type('middle');
    await page.keyboard.press('Enter');
    await expect(rows.nth(1)).toContainText('middle');

    await page.keyboard.press('Control+x');
    await expect(rows).toHaveCount(2);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Control+v');
    await expect(rows).toHaveCount(3);
    await expect(page.getByRole('row', { name: 'middle' })).toBeVisible();
    for (let step = 0; step < 4; step += 1) await page.keyboard.press('Control+z');
    await expect(rows.nth(1)).toContainText('hop-1');
  });

  test('the form of a node and of a hop has everything the engine reads of them', async ({ app }) => {
    const { page, file } = app;
    await app.go('Chains');
    await page
      .getByRole('gridcell')
      .filter({ hasText: `127.0.0.1:${proxies[0]?.port}` })
      .click();
    const node = page.getByRole('complementary', { name: /^Node/ });
    await node.getByRole('combobox', { name: 'Over' }).selectOption('tls');
    await node.getByText('Certificates and versions').first().click();
    await node.getByRole('combobox', { name: 'Lowest TLS version' }).selectOption('VersionTLS12');
    await node.getByRole('combobox', { name: 'Highest TLS version' }).selectOption('VersionTLS13');
    await node.getByRole('textbox', { name: 'Protocols to offer (ALPN)' }).fill('h2, http/1.1');
    await node
      .getByRole('textbox', { name: 'Cipher suites for TLS 1.2' })
      .fill('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
    await node.getByText('Bypass', { exact: true }).click();
    await node.getByRole('textbox', { name: 'Targets this node is not used for' }).fill('10.0.0.0/8\n*.lan');
    await node.getByText('Choice among the nodes of the hop').click();
    await node.getByRole('checkbox', { name: 'Only when no other node works' }).check();
    await node.getByRole('textbox', { name: 'Weight' }).fill('7');
    await node.getByRole('button', { name: 'Apply', exact: true }).click();
    await expect.poll(() => readFile(file, 'utf8')).toContain('node-0-bypass');
    const text = await readFile(file, 'utf8');
    for (const part of [
      'minVersion: VersionTLS12',
      'maxVersion: VersionTLS13',
      'h2',
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      '*.lan',
      'backup: true',
      'weight: 7',
    ])
      expect(text).toContain(part);

    await page
      .getByRole('row', { name: 'hop-1' })
      .getByRole('button', { name: /^hop-1/ })
      .click();
    const hop = page.getByRole('complementary', { name: /^Hop/ });
    await hop.getByText('Bypass', { exact: true }).click();
    await hop.getByRole('checkbox', { name: 'List “node-0-bypass”' }).check();
    await hop.getByRole('button', { name: 'Apply', exact: true }).click();
    await expect
      .poll(async () => (await readFile(file, 'utf8')).match(/bypass: node-0-bypass/g)?.length)
      .toBe(2);
    // one undo for each, lists included
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await expect.poll(() => readFile(file, 'utf8')).not.toContain('bypass');
  });

  test('the shelf gives proxies to hops and between them: dragged, with keys, and from its menu', async ({
    app,
  }) => {
    const { page } = app;
    await app.go('Chains');
    const rows = page.getByRole('row');
    const at = (index: number) => `127.0.0.1:${proxies[index]?.port}`;
    await page
      .getByRole('gridcell')
      .filter({ hasText: at(0) })
      .focus();
    await page.keyboard.press('s');
    const shelf = page.getByRole('region', { name: 'Shelf' });
    const card = (index: number) => shelf.getByRole('button', { name: new RegExp(at(index)) });
    await expect(card(0)).toBeFocused();
    // the third proxy into the first hop
    await page.keyboard.press('End');
    await expect(card(2)).toBeFocused();
    await page.keyboard.press('n');
    await expect(rows.nth(0)).toContainText(at(2));
    await expect(rows).toHaveCount(3);
    // and once more from the menu, at the end
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'At the end of work' }).press('Enter');
    await expect(rows).toHaveCount(4);
    await expect(rows.nth(3)).toContainText(at(2));

    // held with the pointer: Esc lets go and closes nothing, then it lands between two hops
    const held = await shelf.locator('.shelf-card').first().boundingBox();
    const gap = await page.getByRole('button', { name: 'Add a hop before hop-1' }).boundingBox();
    if (held === null || gap === null) throw new Error('the lane is not in sight');
    const drag = async (): Promise<void> => {
      await page.mouse.move(held.x + 20, held.y + 20);
      await page.mouse.down();
      await page.mouse.move(held.x + 40, held.y - 10, { steps: 4 });
      await page.mouse.move(gap.x + 10, gap.y + 30, { steps: 8 });
    };
    await drag();
    await expect(page.locator('.lane-gap-over')).toBeVisible();
    await page.keyboard.press('Escape');
    await page.mouse.up();
    await expect(shelf).toBeVisible();
    await expect(rows).toHaveCount(4);
    await drag();
    await page.mouse.up();
    await expect(rows).toHaveCount(5);
    await expect(rows.nth(1)).toContainText(at(0));
    // one step each to undo
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('Control+z');
    await expect(rows).toHaveCount(3);
    await page.keyboard.press('Escape');
    await expect(shelf).toHaveCount(0);
  });
});
