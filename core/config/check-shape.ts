/**
 * Goes through the whole configuration once and says what GOST's format makes of each key: unknown and near-miss keys, keys at the wrong
 * level, parts that Sockeye does not act on, values of the wrong kind, bare numbers where GOST takes nanoseconds. Options below
 * `metadata` belong to their component and are looked at in read-options.ts.
 */
import type { Grade, Json, Path } from '../contract/config.ts';
import { fix, pathText, type Findings } from './findings.ts';
import { isGostOption } from './gost-options.ts';
import { nearest, rolesOf } from './gost-types.ts';
import {
  formatGoDuration,
  isList,
  isMap,
  readBoolean,
  readInteger,
  readList,
  readText,
  readTypedDuration,
} from './gost-values.ts';
import { fieldOf, homesOf, SHAPES, type Field, type ShapeName } from './shape.ts';

/** Keys that protect somebody: a configuration where one of them is lost does not run. */
const PROTECTS = new Set([
  'chain',
  'auth',
  'auther',
  'authers',
  'bypass',
  'bypasses',
  'admission',
  'admissions',
  'secure',
  'guard',
  'whitelist',
]);

interface Parent {
  readonly shape: ShapeName;
  readonly path: Path;
}

export function checkShape(config: Json, findings: Findings): void {
  checkMap(config, 'config', [], [], findings);
}

function checkMap(
  data: Json,
  shape: ShapeName,
  path: Path,
  parents: readonly Parent[],
  findings: Findings,
): void {
  if (data === null) return;
  if (!isMap(data)) {
    findings.add(
      'blocks',
      'bad_value',
      path,
      `${pathText(path)} should hold keys such as \`${SHAPES[shape][0]?.key ?? 'name'}: …\`.`,
    );
    return;
  }
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined) continue;
    const field = fieldOf(shape, key);
    const at = [...path, key];
    if (field === undefined) unknownKey(key, value, shape, data, path, parents, findings);
    else if (field.unused !== undefined) unused(field, value, at, findings);
    else checkValue(field, value, at, [...parents, { shape, path }], findings);
  }
}

function unused({ unused }: Field, value: Json, path: Path, findings: Findings): void {
  if (unused === undefined || isNothing(value)) return;
  findings.add(unused.grade, 'unsupported', path, `${pathText(path)}: ${unused.says}`, { at: 'key' });
}

function isNothing(value: Json): boolean {
  if (value === null || value === '' || value === false || value === 0) return true;
  return isList(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0;
}

function checkValue(
  field: Field,
  value: Json,
  path: Path,
  parents: readonly Parent[],
  findings: Findings,
): void {
  if (value === null) return;
  const bad = (what: string, remarks: Parameters<Findings['add']>[4] = {}): void =>
    findings.add('blocks', 'bad_value', path, `${pathText(path)} should be ${what}.`, remarks);
  switch (field.kind) {
    case 'text':
      if (readText(value).value === undefined) bad('one word or text');
      return;
    case 'texts':
      if (readList(value).remark !== undefined) bad('a list of words');
      return;
    case 'integer':
      if (readInteger(value).value === undefined) bad('a whole number');
      return;
    case 'boolean': {
      const { remark } = readBoolean(value);
      if (remark === undefined) return;
      const meant = /^(yes|on|y)$/i.test(readText(value).value ?? '');
      bad(
        'true or false',
        remark === 'yes_no' ? { fix: fix(`Write ${meant}`, { op: 'set', path, value: meant }) } : {},
      );
      return;
    }
    case 'duration':
      checkDuration(value, path, findings, bad);
      return;
    case 'metadata':
      if (!isMap(value)) bad('a map of options');
      return;
    case 'map':
      return;
    case 'object':
      if (field.of !== undefined) checkMap(value, field.of, path, parents, findings);
      return;
    case 'objects':
      checkList(field, value, path, parents, findings);
  }
}

function checkDuration(value: Json, path: Path, findings: Findings, bad: (what: string) => void): void {
  const { remark } = readTypedDuration(value);
  if (remark === 'unreadable') bad('a duration such as 10s or 1m30s');
  if (remark !== 'nanoseconds') return;
  const amount = readText(value).value ?? '';
  const meant = formatGoDuration(Number(amount) * 1000);
  findings.add(
    'hint',
    'nanoseconds',
    path,
    `${pathText(path)}: GOST reads a bare ${amount} here as ${amount} nanoseconds, and so does Sockeye. Write a unit.`,
    {
      fix: fix(`Write ${meant}`, { op: 'set', path, value: meant }),
    },
  );
}

function checkList(
  field: Field,
  value: Json,
  path: Path,
  parents: readonly Parent[],
  findings: Findings,
): void {
  if (!isList(value)) {
    const remarks = isMap(value)
      ? { fix: fix('Make it a list', { op: 'set' as const, path, value: [value] }) }
      : {};
    findings.add(
      'blocks',
      'bad_value',
      path,
      `${pathText(path)} should be a list: each item begins with a dash.`,
      remarks,
    );
    return;
  }
  for (const [index, item] of value.entries()) {
    if (field.of === undefined) continue;
    if (item === null)
      findings.add('ignored', 'empty_item', [...path, index], `${pathText([...path, index])} is empty.`);
    else checkMap(item, field.of, [...path, index], parents, findings);
  }
}

function unknownKey(
  key: string,
  value: Json,
  shape: ShapeName,
  siblings: { readonly [key: string]: Json | undefined },
  path: Path,
  parents: readonly Parent[],
  findings: Findings,
): void {
  const at = [...path, key];
  const name = `\`${key}\``;
  const say = (
    grade: Grade,
    code: string,
    message: string,
    remarks: Parameters<Findings['add']>[4] = {},
  ): void => findings.add(grade, code, at, message, { at: 'key', ...remarks });
  const move = (label: string, to: Path) =>
    fix(label, { op: 'set', path: to, value }, { op: 'remove', path: at });
  const grade = (meant: string): Grade => (PROTECTS.has(meant) && !isNothing(value) ? 'blocks' : 'ignored');

  const home = homesOf(key, shape)[0];
  if (home !== undefined) {
    const to = [...path, ...home.split('.')];
    say(
      grade(home.split('.').at(-1) ?? key),
      'misplaced',
      `${name} has no effect in ${pathText(path)}, in GOST neither; did you mean ${home}?`,
      {
        fix: move(`Move it to ${home}`, to),
      },
    );
    return;
  }
  const owner = parents.findLast((parent) => fieldOf(parent.shape, key) !== undefined);
  if (owner !== undefined && owner.shape !== 'config') {
    const to = [...owner.path, fieldOf(owner.shape, key)?.key ?? key];
    say(
      grade(key.toLowerCase()),
      'misplaced',
      `${name} has no effect in ${pathText(path)}, in GOST neither; it belongs to ${pathText(owner.path)}.`,
      {
        fix: move(`Move it to ${pathText(owner.path)}`, to),
      },
    );
    return;
  }
  if (fieldOf(shape, 'metadata') !== undefined && isGostOption(key)) {
    say(
      grade(key.toLowerCase()),
      'misplaced',
      `${name} has no effect in ${pathText(path)}, in GOST neither; options stand below metadata.`,
      {
        fix: move('Move it below metadata', [...path, 'metadata', key]),
      },
    );
    return;
  }
  if (sayType(key, value, shape, path, say, at)) return;
  const near = nearest(
    key,
    SHAPES[shape].map((field) => field.key),
  );
  if (near !== null && siblings[near] === undefined) {
    say(
      grade(near),
      'near_miss',
      `GOST has no key ${name} in ${pathText(path)}, so it has no effect; did you mean ${near}?`,
      {
        fix: move(`Rename it to ${near}`, [...path, near]),
      },
    );
    return;
  }
  say('ignored', 'unknown_key', `GOST has no key ${name} in ${pathText(path)}; it has no effect.`);
}

/** `ws: true` and the like: a type where a key should be. */
function sayType(
  key: string,
  value: Json,
  shape: ShapeName,
  path: Path,
  say: (grade: Grade, code: string, message: string, remarks?: Parameters<Findings['add']>[4]) => void,
  at: Path,
): boolean {
  const inNode = shape === 'connector' || shape === 'dialer' || shape === 'node';
  if (!inNode && shape !== 'handler' && shape !== 'listener' && shape !== 'service') return false;
  const roles = rolesOf(key.toLowerCase());
  const role = inNode
    ? roles.includes('dialer')
      ? 'dialer'
      : roles.includes('connector')
        ? 'connector'
        : null
    : roles.includes('listener')
      ? 'listener'
      : roles.includes('handler')
        ? 'handler'
        : null;
  if (role === null || isList(value)) return false;
  const base = shape === 'node' || shape === 'service' ? path : path.slice(0, -1);
  const type = key.toLowerCase();
  say(
    'ignored',
    'misplaced',
    `\`${key}: ${readText(value).value ?? '…'}\` has no effect in ${pathText(path)}, in GOST neither; did you mean ${role}.type: ${type}?`,
    {
      fix: fix(
        `Write ${role}.type: ${type}`,
        { op: 'set', path: [...base, role, 'type'], value: type },
        { op: 'remove', path: at },
      ),
    },
  );
  return true;
}
