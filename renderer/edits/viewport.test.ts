import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit, onSheet, pan, reveal, zoom } from './viewport.ts';

const WINDOW = { width: 800, height: 600 };

test('a small sheet stands in the middle at its own size, a large one is made to fit', () => {
  assert.deepEqual(fit({ width: 200, height: 100 }, WINDOW), { scale: 1, x: 300, y: 250 });
  const tall = fit({ width: 500, height: 5440 }, WINDOW);
  assert.equal(tall.scale, 0.1);
  assert.equal(tall.y, 28);
});

test('zooming keeps the point under the pointer, and ends somewhere', () => {
  const view = { x: 10, y: -40, scale: 0.8 };
  const at = { x: 321, y: 123 };
  const near = zoom(view, at, 1.5);
  const [before, after] = [onSheet(view, at), onSheet(near, at)];
  assert.ok(Math.abs(before.x - after.x) < 1e-9 && Math.abs(before.y - after.y) < 1e-9);
  assert.equal(zoom(view, at, 1000).scale, 2.5);
  assert.equal(zoom(view, at, 0.0001).scale, 0.1);
});

test('the sheet can not be pushed out of the window', () => {
  const sheet = { width: 1000, height: 1000 };
  const far = pan({ x: 0, y: 0, scale: 0.5 }, { x: 9999, y: -9999 }, sheet, WINDOW);
  assert.deepEqual(far, { scale: 0.5, x: 704, y: -404 });
});

test('what is out of sight is brought in, what is in sight is left alone', () => {
  const view = { x: 0, y: 0, scale: 1 };
  assert.equal(reveal(view, { x: 100, y: 100, width: 50, height: 50 }, WINDOW), view);
  assert.deepEqual(reveal(view, { x: 900, y: -20, width: 50, height: 50 }, WINDOW), {
    scale: 1,
    x: -178,
    y: 48,
  });
});
