/** Style sheets run in either direction: sides are named by the text's start and end, never by left and right. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const FOLDER = 'renderer/style';
const PHYSICAL =
  /(^|[;{\s])(left|right|(margin|padding|border)-(left|right)[a-z-]*|(text-align|float):\s*(left|right))\s*[:;]/;
/** Four values of which the second and the fourth, the sides, differ. */
const UNEVEN = /(padding|margin|border-width|inset):\s*(\S+)\s+(\S+)\s+(\S+)\s+(?!\3;)(\S+);/;

test('no style sheet tells left from right', () => {
  const sheets = readdirSync(FOLDER).filter((name) => name.endsWith('.css'));
  assert.ok(sheets.length > 5);
  const found = sheets.flatMap((name) =>
    readFileSync(join(FOLDER, name), 'utf8')
      .split('\n')
      .flatMap((line, at) =>
        PHYSICAL.test(line) || UNEVEN.test(line) ? [`${name}:${at + 1}: ${line.trim()}`] : [],
      ),
  );
  assert.deepEqual(found, []);
});

test('the check sees what it looks for', () => {
  assert.match('  padding-left: 4px;', PHYSICAL);
  assert.match('  padding: 1px 2px 3px 4px;', UNEVEN);
  assert.doesNotMatch('  padding: 1px 2px 3px 2px;', UNEVEN);
  assert.doesNotMatch('  padding-inline: 1px 2px;', UNEVEN);
});
