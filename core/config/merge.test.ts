import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigDocument } from './document.ts';
import { urlsToConfig } from './gost-url.ts';
import { fromDocument, loadSources } from './load.ts';

test('files and URLs join, and each finding names where its part came from', () => {
  const first = ConfigDocument.parse(
    'log: {level: info}\nservices:\n- {name: a, addr: "127.0.0.1:1", handler: {type: socks5, chain: c}}\n',
    'a.yml',
  );
  const second = ConfigDocument.parse(
    'log: {level: debug}\nservices:\n- {name: b, addr: "127.0.0.1:2", handler: {type: nope}}\nchains: [{name: c, hops: [{nodes: [{addr: "h:1", connector: {type: socks5}}]}]}]\n',
    'b.yml',
  );
  const { plan, findings, log } = loadSources([
    fromDocument(first),
    fromDocument(second),
    urlsToConfig(['socks5://:3'], []),
  ]);
  assert.deepEqual(
    plan.services.map(({ name, chain }) => [name, chain]),
    [
      ['a', 'c'],
      ['service-0', null],
    ],
  );
  assert.equal(log.level, 'debug');
  assert.deepEqual(
    findings.map(({ file, line, code, path }) => [file, line, code, path[1]]),
    [
      ['b.yml', 3, 'unknown_type', 1],
      ['-L 1', 0, 'exposed', 2],
    ],
  );
});

test('a finding that blocks a URL blocks what that URL made, wherever it stands among the others', () => {
  const { plan } = loadSources([
    fromDocument(
      ConfigDocument.parse('services: [{name: a, addr: "127.0.0.1:1", handler: {type: socks5}}]\n', 'a.yml'),
    ),
    urlsToConfig(['nope://127.0.0.1:2', 'socks5://127.0.0.1:3'], []),
  ]);
  assert.deepEqual(
    plan.services.map(({ address }) => address.port),
    [1, 3],
  );
});

test('a broken file among others keeps all from running', () => {
  const { plan, findings } = loadSources([
    fromDocument(ConfigDocument.parse('a: [', 'bad.yml')),
    urlsToConfig(['socks5://127.0.0.1:3'], []),
  ]);
  assert.deepEqual(
    findings.map(({ file, code }) => [file, code]),
    [['bad.yml', 'syntax']],
  );
  assert.equal(plan.services.length, 0, 'a file that can not be read may have held what protects the rest');
});
