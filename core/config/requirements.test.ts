import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { catalog } from '../catalog.ts';
import type { Config, Finding } from '../contract/config.ts';
import type { Plan } from '../plan.ts';
import { definitionOf } from './catalog-view.ts';
import { REQUIREMENTS, type Requirement } from './fixtures/requirements.ts';
import { loadPlan, loadUrls } from './load.ts';

/** Types that a configuration names and the catalog does not have. */
function missing(config: Config): string[] {
  const services = (config.services ?? []).flatMap(({ handler, listener }) => [
    definitionOf(catalog.handlers, handler?.type ?? '') === undefined ? `handler ${handler?.type ?? ''}` : '',
    definitionOf(catalog.listeners, listener?.type ?? '') === undefined
      ? `listener ${listener?.type ?? ''}`
      : '',
  ]);
  const nodes = (config.chains ?? []).flatMap(({ hops }) => hops ?? []).flatMap(({ nodes }) => nodes ?? []);
  const ways = nodes.flatMap(({ connector, dialer }) => [
    definitionOf(catalog.connectors, connector?.type ?? '') === undefined
      ? `connector ${connector?.type ?? ''}`
      : '',
    definitionOf(catalog.dialers, dialer?.type ?? '') === undefined ? `dialer ${dialer?.type ?? ''}` : '',
  ]);
  return [...services, ...ways].filter((type) => type !== '');
}

function check(plan: Plan, findings: readonly Finding[], config: Config, codes: readonly string[]): void {
  const absent = missing(config);
  if (absent.length > 0) {
    assert.ok(
      absent.every((type) =>
        findings.some(
          (finding) =>
            finding.code === 'unsupported_type' &&
            finding.grade === 'blocks' &&
            finding.message.includes(type),
        ),
      ),
      absent.join(),
    );
    assert.ok(plan.services.length < (config.services?.length ?? 0));
    return;
  }
  assert.deepEqual(findings.map(({ code }) => code).sort(), [...codes].sort());
  assert.equal(plan.services.length, config.services?.length);
}

/** The plan as data: what is equal here behaves equally. */
function data(plan: Plan): unknown {
  return JSON.parse(JSON.stringify(plan));
}

function fileOf({ yaml }: Requirement): string {
  return readFileSync(new URL(`fixtures/requirements/${yaml ?? ''}.yml`, import.meta.url), 'utf8');
}

for (const requirement of REQUIREMENTS) {
  test(`reads the command line of "${requirement.name}"`, () => {
    const { plan, findings, config } = loadUrls(requirement.services, requirement.nodes);
    check(plan, findings, config, requirement.codes);
    for (const { file, line } of findings) assert.match(`${file} ${line}`, /^-[LF] \d 0$/);
  });

  if (requirement.yaml === undefined) continue;
  test(`reads the file of "${requirement.name}" as its command line`, () => {
    const { plan, findings, document } = loadPlan(fileOf(requirement), { file: 'gost.yml' });
    check(plan, findings, document.config, [...requirement.codes, ...(requirement.fileCodes ?? [])]);
    for (const { line, column } of findings) assert.ok(line > 0 && column > 0);
    assert.deepEqual(data(plan), data(loadUrls(requirement.services, requirement.nodes).plan));
  });
}

test('every file of the documents is used', () => {
  assert.equal(REQUIREMENTS.filter(({ yaml }) => yaml !== undefined).length, 13);
});
