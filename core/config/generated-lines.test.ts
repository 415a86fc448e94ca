/** What GOST prints for the generated command lines, and that we print the same except where we mean not to. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Config } from '../contract/config.ts';
import {
  GENERATED_LINES,
  isGroup,
  isInsecure,
  namesServer,
  type GeneratedLine,
} from './fixtures/generated-lines.ts';
import { hostname } from './go-url.ts';
import { urlsToConfig } from './gost-url.ts';
import { printConfig } from './print.ts';

/** Recorded by `GOST3=.cache/peers/gost3 node --import tsx --test core/config/generated-lines.test.ts` (github.com/go-gost/x v0.13.18). */
const RECORDED = new URL('fixtures/gost3-generated.json', import.meta.url);

interface Printed {
  readonly args: string;
  readonly json: string;
}

const gost = process.env['GOST3'];
if (gost !== undefined)
  writeFileSync(
    RECORDED,
    `${JSON.stringify(
      GENERATED_LINES.map((line) => ask(gost, line)),
      null,
      1,
    )}\n`,
  );
const printed = JSON.parse(readFileSync(RECORDED, 'utf8')) as Printed[]; // written by the line above

function argsOf({ services, nodes }: GeneratedLine): string[] {
  return [...services.flatMap((url) => ['-L', url]), ...nodes.flatMap((url) => ['-F', url])];
}

function ask(program: string, line: GeneratedLine): Printed {
  const args = argsOf(line);
  const { status, stdout, stderr } = spawnSync(program, [...args, '-O', 'json'], { encoding: 'utf8' });
  assert.equal(status, 0, `${args.join(' ')}\n${stderr}`);
  return { args: args.join(' '), json: JSON.stringify(JSON.parse(stdout)) };
}

type Mutable = { [key: string]: unknown };

/** What GOST printed, with the differences that are meant (gost-url.ts) put in: nothing else may differ. */
function meant(theirs: Config, { nodes }: GeneratedLine): unknown {
  const config = structuredClone(theirs) as unknown as { chains?: { hops: { nodes: Mutable[] }[] }[] };
  for (const [index, hop] of (config.chains?.[0]?.hops ?? []).entries()) {
    const url = nodes[index] ?? '';
    for (const node of hop.nodes) {
      const dialer = node['dialer'] as Mutable;
      const tls = { ...(dialer['tls'] as Mutable | undefined) };
      if (isGroup(url) && !namesServer(url)) tls['serverName'] = hostname(String(node['addr']));
      if (isInsecure(url)) tls['secure'] = false;
      if (Object.keys(tls).length > 0) dialer['tls'] = tls;
    }
  }
  return config;
}

test('two hundred lines, each with a recording, the same on every machine', () => {
  assert.equal(printed.length, 200);
  assert.deepEqual(
    printed.map(({ args }) => args),
    GENERATED_LINES.map((line) => argsOf(line).join(' ')),
  );
  const intended = GENERATED_LINES.filter(({ nodes }) =>
    nodes.some((url) => isGroup(url) || isInsecure(url)),
  );
  assert.ok(
    intended.length > 10 && intended.length < 100,
    `${intended.length} lines with an intended difference`,
  );
});

for (const [index, line] of GENERATED_LINES.entries()) {
  test(`prints what GOST prints for ${argsOf(line).join(' ')}`, () => {
    const { config } = urlsToConfig(line.services, line.nodes);
    const theirs = JSON.parse(printed[index]?.json ?? '{}') as Config; // what GOST printed
    assert.deepEqual(JSON.parse(printConfig(config, 'json')), meant(theirs, line));
  });
}
