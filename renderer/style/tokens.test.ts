// The colours of chart lines, read from the tokens: seen by every eye, on every ground. Deuteranopia after Machado, Oliveira, Fernandes (2009), severity 1.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

type Rgb = readonly [number, number, number];

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');
const THEMES = [':root {', ":root[data-theme='dark'] {", ":root[data-theme='contrast'] {"];
/** Difference in CIE Lab (1976); 2.3 is just seen by somebody who compares. */
const APART = 20;

function token(theme: string, name: string): Rgb {
  const block = css.slice(css.indexOf(theme));
  const value = new RegExp(`--${name}: #([0-9a-f]{6});`).exec(block.slice(0, block.indexOf('\n}')))?.[1];
  assert.ok(value !== undefined, `${theme} --${name}`);
  const part = (at: number): number => linear(parseInt(value.slice(at, at + 2), 16) / 255);
  return [part(0), part(2), part(4)];
}

function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function luminance([r, g, b]: Rgb): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

function deuteranopia([r, g, b]: Rgb): Rgb {
  const clamp = (value: number): number => Math.min(1, Math.max(0, value));
  return [
    clamp(0.367322 * r + 0.860646 * g - 0.227968 * b),
    clamp(0.280085 * r + 0.672501 * g + 0.047413 * b),
    clamp(-0.01182 * r + 0.04294 * g + 0.968881 * b),
  ];
}

function lab([r, g, b]: Rgb): Rgb {
  const f = (value: number): number =>
    value > 216 / 24389 ? Math.cbrt(value) : ((24389 / 27) * value + 16) / 116;
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function apart(a: Rgb, b: Rgb): number {
  const [one, other] = [lab(a), lab(b)];
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}

for (const theme of THEMES) {
  test(`the eight lines of a chart are told apart: ${theme}`, () => {
    const ground = token(theme, 'raised');
    const lines = Array.from({ length: 8 }, (_, index) => token(theme, `cat-${index + 1}`));
    for (const [at, line] of lines.entries()) {
      assert.ok(
        contrast(line, ground) >= 3,
        `cat-${at + 1}: ${contrast(line, ground).toFixed(2)}:1 on its ground`,
      );
      for (const [other, second] of lines.entries()) {
        if (other <= at) continue;
        const names = `cat-${at + 1} and cat-${other + 1}`;
        assert.ok(apart(line, second) >= APART, names);
        assert.ok(apart(deuteranopia(line), deuteranopia(second)) >= APART, `${names} for deuteranopia`);
      }
    }
  });
}
