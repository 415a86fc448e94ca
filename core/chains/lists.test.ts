/** Bypasses, admissions and hosts: lists of a plan by name. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bypassOf, matcherOf } from './bypass.ts';
import { Lists } from '../live-list.ts';
import { silentLog } from '../log.ts';
import { hostsOf } from './hosts.ts';

const lists = new Lists(silentLog);

const at = (host: string, port = 80): { host: string; port: number } => ({ host, port });

describe('bypass', () => {
  const plans = [
    { name: 'lan', whitelist: false, matchers: ['10.0.0.0/8', '.lan'], file: null },
    { name: 'only-a', whitelist: true, matchers: ['.a.example'], file: null },
    { name: 'only-b', whitelist: true, matchers: ['.b.example'], file: null },
  ];

  test('a list matches its entries, a whitelist everything else', () => {
    const lan = matcherOf(plans, 'lan', lists);
    const white = matcherOf(plans, 'only-a', lists);
    assert.deepEqual([lan(at('10.1.1.1')), lan(at('x.lan')), lan(at('1.1.1.1'))], [true, true, false]);
    assert.deepEqual([white(at('www.a.example')), white(at('www.b.example'))], [false, true]);
  });

  test('several whitelists are one, and any other list beats them', () => {
    const bypass = bypassOf(plans, ['only-a', 'only-b', 'lan'], lists);
    assert.ok(bypass);
    assert.ok(!bypass.matches(at('a.example')));
    assert.ok(!bypass.matches(at('b.example')));
    assert.ok(bypass.matches(at('c.example')));
    assert.ok(bypass.matches(at('10.0.0.1')));
  });

  test('an address behind a name is judged by the lists, not by the whitelists', () => {
    const bypass = bypassOf(plans, ['only-a', 'lan'], lists);
    assert.ok(bypass);
    assert.ok(bypass.lists(at('10.0.0.1')));
    assert.equal(bypass.lists(at('1.1.1.1')), false);
  });

  test('no names is no bypass; an unknown name is an error', () => {
    assert.equal(bypassOf(plans, [], lists), null);
    assert.throws(() => bypassOf(plans, ['nope'], lists), { code: 'config', message: /nope/ });
  });
});

describe('hosts', () => {
  const plans = [
    {
      name: 'h',
      mappings: [
        { ip: '10.0.0.1', hostname: 'db.example', aliases: ['DB', 'primary.example'] },
        { ip: '10.0.0.2', hostname: 'db.example', aliases: [] },
        { ip: '10.0.0.9', hostname: '.wild.example', aliases: [] },
        { ip: '2001:db8::1', hostname: 'six.example', aliases: [] },
      ],
      file: null,
    },
  ];
  const hosts = hostsOf(plans, 'h', lists);

  test('names, aliases and domains have their addresses in the order they are written', () => {
    assert.deepEqual(hosts('DB.example.'), ['10.0.0.1', '10.0.0.2']);
    assert.deepEqual(hosts('db'), ['10.0.0.1']);
    assert.deepEqual(hosts('six.example'), ['2001:db8::1']);
    assert.deepEqual(hosts('wild.example'), ['10.0.0.9']);
    assert.deepEqual(hosts('a.b.wild.example'), ['10.0.0.9']);
    assert.equal(hosts('notwild.example'), null);
  });

  test('an unknown name and an address that is none are errors', () => {
    assert.throws(() => hostsOf(plans, 'nope', lists), { code: 'config' });
    const bad = [{ name: 'h', mappings: [{ ip: '10.0.0.300', hostname: 'x', aliases: [] }], file: null }];
    assert.throws(() => hostsOf(bad, 'h', lists), { code: 'config', message: /10\.0\.0\.300/ });
  });
});
