import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLetter, keyCaps, pressed, type KeyPress } from './keys.ts';

function press(key: string, held: Partial<Omit<KeyPress, 'key'>> = {}): KeyPress {
  return { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held };
}

test('matches modifiers exactly, Command on a Mac and Control elsewhere', () => {
  assert.equal(pressed('mod+k', press('k', { ctrlKey: true }), false), true);
  assert.equal(pressed('mod+k', press('k', { metaKey: true }), true), true);
  assert.equal(pressed('mod+k', press('k', { ctrlKey: true }), true), false);
  assert.equal(pressed('mod+k', press('k', { ctrlKey: true, shiftKey: true }), false), false);
  assert.equal(pressed('mod+shift+z', press('Z', { ctrlKey: true, shiftKey: true }), false), true);
  assert.equal(pressed('t', press('t', { altKey: true }), false), false);
});

test('a symbol may need shift on one keyboard and not on another', () => {
  assert.equal(pressed('?', press('?', { shiftKey: true }), false), true);
  assert.equal(pressed('/', press('/'), false), true);
  assert.equal(pressed('space', press(' '), false), true);
  assert.equal(pressed('plus', press('+', { shiftKey: true }), false), true);
  assert.equal(pressed('-', press('+'), false), false);
});

test('knows which shortcuts would type something', () => {
  assert.deepEqual(['t', 'shift+a', '?', 'plus', 'delete', 'mod+k', 'f6'].map(isLetter), [
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('shows caps', () => {
  assert.deepEqual(keyCaps('mod+shift+z', false), ['Ctrl', 'Shift', 'Z']);
  assert.deepEqual(keyCaps('alt+arrowleft', true), ['⌥', '←']);
});
