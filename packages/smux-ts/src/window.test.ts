import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceiveWindow, SendWindow } from './window.ts';

test('a sender starts with 262,144 bytes and lives on the announced window after the first UPD', () => {
  const window = new SendWindow();
  assert.equal(window.freeBytes, 262_144);
  window.sent(100_000);
  assert.equal(window.freeBytes, 162_144);
  assert.equal(window.update(10_000, 65_536), true);
  assert.equal(window.freeBytes, 0, 'in flight beyond a window that shrank');
  assert.equal(window.update(100_000, 65_536), true);
  assert.equal(window.freeBytes, 65_536);
});

test('a sender refuses a peer that consumed more than was sent', () => {
  const window = new SendWindow();
  window.sent(10);
  assert.equal(window.update(11, 65_536), false);
});

test('a sender counts across 2^32', () => {
  const window = new SendWindow();
  const total = 2 ** 32 + 5;
  for (let sent = 0; sent < total;) {
    const size = Math.min(window.freeBytes, total - sent);
    window.sent(size);
    sent += size;
    assert.equal(window.update(sent % 2 ** 32, 0x7fff_ffff), true);
  }
  window.sent(7);
  assert.equal(window.update(5, 65_536), true);
  assert.equal(window.freeBytes, 65_536 - 7);
});

test('a sender takes no window larger than Go can', () => {
  const window = new SendWindow();
  assert.equal(window.update(0, 0xffff_ffff), true);
  assert.equal(window.freeBytes, 0x7fff_ffff);
});

test('a receiver reports its first read and then every half window', () => {
  const window = new ReceiveWindow(65_536);
  window.receive(100_000);
  assert.equal(window.consume(1), true);
  assert.deepEqual(window.report(), { consumed: 1, window: 65_536 });
  assert.equal(window.consume(32_767), false);
  assert.equal(window.consume(1), true);
  assert.deepEqual(window.report(), { consumed: 32_769, window: 65_536 });
  assert.equal(window.consume(1), false);
});

test('a receiver reports totals modulo 2^32', () => {
  const window = new ReceiveWindow(65_536);
  window.consume(2 ** 32 + 9);
  assert.equal(window.report().consumed, 9);
});

test('a receiver tolerates the initial guess and one more, and no byte beyond', () => {
  const window = new ReceiveWindow(65_536);
  assert.equal(window.receive(2 * 262_144), true);
  assert.equal(window.receive(1), false);
});

test('what a receiver tolerates follows its announcements', () => {
  const window = new ReceiveWindow(65_536);
  assert.equal(window.receive(262_144), true);
  window.consume(262_144);
  window.report();
  assert.equal(window.receive(65_536 + 262_144), true);
  assert.equal(window.receive(1), false);
});
