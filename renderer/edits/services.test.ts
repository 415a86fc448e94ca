import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, Finding } from '../../core/contract/config.ts';
import {
  draftEdits,
  draftProblems,
  exposes,
  findingsAt,
  forwardTargets,
  indexOfService,
  newService,
  withForwardTargets,
  withHandler,
} from './services.ts';

const CONFIG: Config = {
  services: [
    { name: 'service-0', addr: '127.0.0.1:1080', handler: { type: 'socks5' } },
    {
      name: 'dev',
      addr: ':1081',
      handler: { type: 'socks5', auth: { username: 'u', password: '••••••••' } },
    },
  ],
};

test('a new service gets a free name and port', () => {
  const service = newService(CONFIG);
  assert.deepEqual([service.name, service.addr], ['service-1', '127.0.0.1:1082']);
  assert.deepEqual(draftProblems(CONFIG, service, null), []);
  assert.equal(indexOfService(CONFIG, 'dev'), 1);
});

test('names what must be right before saving', () => {
  assert.deepEqual(draftProblems(CONFIG, { name: 'dev', addr: '127.0.0.1:70000' }, 0), [
    'name_taken',
    'port_bad',
  ]);
  assert.deepEqual(draftProblems(CONFIG, { name: 'dev', addr: ':1' }, 1), []);
  assert.deepEqual(draftProblems(CONFIG, { name: ' ', addr: 'a b:1', handler: { auth: {} } }, 0), [
    'name_empty',
    'host_bad',
    'user_empty',
    'password_empty',
  ]);
  assert.deepEqual(
    draftProblems({}, { name: 'a', addr: '127.0.0.1:1', handler: { auth: { username: 'u' } } }, null),
    [],
  );
});

test('beyond this computer without a password needs a yes', () => {
  const nobody = { only: false, shared: false, entries: [] };
  assert.equal(exposes({ addr: ':1080' }, nobody), true);
  assert.equal(exposes({ addr: '192.168.1.2:1080', handler: { auth: { username: 'u' } } }, nobody), false);
  assert.equal(exposes({ addr: '192.168.1.2:1080', handler: { auther: 'staff' } }, nobody), false);
  assert.equal(exposes({ addr: '127.0.0.1:1080' }, nobody), false);
  assert.equal(exposes({ addr: ':1080' }, { ...nobody, only: true, entries: ['10.0.0.0/8'] }), false);
  assert.equal(exposes({ addr: ':1080' }, { ...nobody, entries: ['10.0.0.0/8'] }), true);
});

test('a draft becomes the edits of what changed, a new one an insert', () => {
  const [first] = CONFIG.services ?? [];
  assert.ok(first);
  assert.deepEqual(draftEdits(CONFIG, { ...first, addr: '127.0.0.1:1090' }, 0), [
    { op: 'set', path: ['services', 0, 'addr'], value: '127.0.0.1:1090' },
  ]);
  assert.equal(draftEdits(CONFIG, newService(CONFIG), null)[0]?.op, 'insert');
});

test('findings belong to the place they name and everything above it', () => {
  const finding: Finding = {
    grade: 'blocks',
    code: 'bad_value',
    file: 'f',
    line: 1,
    column: 1,
    path: ['services', 1, 'handler', 'type'],
    message: 'm',
  };
  assert.equal(findingsAt([finding], ['services', 1]).length, 1);
  assert.equal(findingsAt([finding], ['services', 0]).length, 0);
});

test('a handler brings the listener of its own name and takes it away again', () => {
  const known = ['tcp', 'udp', 'tls'];
  const socks = { handler: { type: 'socks5' }, listener: { type: 'tls' } };
  assert.equal(withHandler(socks, 'http', known).listener?.type, 'tls');
  const forward = withHandler(socks, 'udp', known);
  assert.deepEqual([forward.handler?.type, forward.listener?.type], ['udp', 'udp']);
  assert.equal(withHandler(forward, 'socks5', known).listener?.type, 'tcp');
});

test('forward targets are lines, and what else stands at a target stays', () => {
  const draft = {
    forwarder: { nodes: [{ name: 'db', addr: 'a:1', bypass: 'x' }], selector: { strategy: 'fifo' } },
  };
  assert.equal(forwardTargets(draft), 'a:1');
  assert.deepEqual(withForwardTargets(draft, ' b:2 \n\nc:3').forwarder, {
    nodes: [
      { name: 'db', addr: 'b:2', bypass: 'x' },
      { name: 'target-1', addr: 'c:3' },
    ],
    selector: { strategy: 'fifo' },
  });
});
