import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggest, type Facts } from './suggest.ts';

const FACTS: Facts = { 'proc:': ['firefox', 'Google Chrome'], 'state:': ['open', 'ended'] };
const words = (input: string, caret = input.length): string[] =>
  suggest(input, caret, FACTS).map(({ word }) => word);

test('proposes keys for the beginning of a word', () => {
  assert.ok(words('').includes('host:'));
  assert.deepEqual(words('pr'), ['proc:']);
  assert.deepEqual(words('-st'), ['-state:']);
  assert.deepEqual(words('nothing'), []);
});

test('proposes values that are there, in a form the language can read back', () => {
  assert.deepEqual(words('proc:'), ['proc:firefox', 'proc:google*chrome']);
  assert.deepEqual(words('proc:fire'), ['proc:firefox']);
  assert.deepEqual(words('proc:firefox'), []);
  assert.deepEqual(words('down>'), ['down>100kb', 'down>1mb', 'down>100mb']);
  assert.deepEqual(words('down<1mb '), words(''));
  assert.deepEqual(words('host:'), []);
});

test('completes the word at the caret and leaves the others', () => {
  const [first] = suggest('chain:work sta -x', 'chain:work sta'.length, FACTS);
  assert.ok(first !== undefined);
  assert.equal(first.filter, 'chain:work state: -x');
  assert.equal(first.caret, 'chain:work state:'.length);
  const [value] = suggest('state:o foo', 'state:o'.length, FACTS);
  assert.equal(value?.filter, 'state:open foo');
});
