/** What is said about chains as a whole, and what skipping a hop does to one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadPlan } from './load.ts';

const SERVICE = 'services:\n- name: s\n  addr: 127.0.0.1:1080\n  handler: {type: socks5, chain: c}\n';

const load = (text: string): ReturnType<typeof loadPlan> => loadPlan(text, { file: 'c.yaml' });

function hop(name: string, addr: string, rest = ''): string {
  return `  - name: ${name}\n${rest}    nodes:\n    - name: n-${name}\n      addr: ${addr}\n      connector: {type: socks5}\n`;
}

function read(...hops: string[]): ReturnType<typeof loadPlan> {
  return load(`${SERVICE}chains:\n- name: c\n  hops:\n${hops.join('')}`);
}

const codes = ({ findings }: ReturnType<typeof loadPlan>): string[] =>
  findings.map(({ grade, code, path }) => `${grade} ${code} ${path.join('.')}`);

const SKIP = '    metadata: {sockeye.skip: true}\n';

describe('a skipped hop', () => {
  test('is left out of the way, keeps its position, and is said', () => {
    const loaded = read(hop('a', '192.0.2.1:1', SKIP), hop('b', '192.0.2.2:1'));
    assert.deepEqual(
      loaded.plan.chains[0]?.hops.map(({ name, at }) => [name, at]),
      [['b', 1]],
    );
    assert.deepEqual(codes(loaded), ['changes hop_skipped chains.0.hops.0.metadata.sockeye.skip']);
    assert.match(loaded.findings[0]?.message ?? '', /GOST would go through/);
  });

  test('can be taken back with the fix of the finding', () => {
    const [finding] = read(hop('a', '192.0.2.1:1', SKIP), hop('b', '192.0.2.2:1')).findings;
    assert.deepEqual(finding?.fix?.edits, [
      { op: 'remove', path: ['chains', 0, 'hops', 0, 'metadata', 'sockeye.skip'] },
    ]);
  });

  test('a chain whose every hop is skipped carries nothing, and never goes Direct', () => {
    const loaded = read(hop('a', '192.0.2.1:1', SKIP));
    assert.deepEqual([loaded.plan.chains, loaded.plan.services], [[], []]);
    assert.ok(codes(loaded).includes('blocks all_skipped chains.0'));
  });

  test('may be broken: what is skipped does not stop the chain', () => {
    const loaded = read(hop('a', 'nonsense', SKIP), hop('b', '192.0.2.2:1'));
    assert.equal(loaded.plan.chains.length, 1);
  });

  test('a reference to a shared hop is skipped in this chain only', () => {
    const shared =
      'hops:\n- name: a\n  nodes:\n  - {name: n, addr: "192.0.2.1:1", connector: {type: socks5}}\n';
    const loaded = load(
      `${SERVICE}${shared}chains:\n- name: c\n  hops:\n  - name: a\n${SKIP}${hop('b', '192.0.2.2:1')}- name: d\n  hops:\n  - name: a\n`,
    );
    assert.deepEqual(
      loaded.plan.chains.map(({ name, hops }) => [name, hops.map((each) => each.name)]),
      [
        ['c', ['b']],
        ['d', ['a']],
      ],
    );
  });
});

test('the same proxy twice', () => {
  assert.deepEqual(codes(read(hop('a', '192.0.2.1:1'), hop('b', '192.0.2.1:1'))), [
    'hint duplicate_node chains.0.hops.1.nodes.0.addr',
  ]);
});

test('a private address behind the first hop is meant from there', () => {
  const loaded = read(hop('a', '192.0.2.1:1'), hop('b', '10.0.0.7:1080'));
  assert.deepEqual(codes(loaded), ['hint private_later chains.0.hops.1.nodes.0.addr']);
  assert.match(loaded.findings[0]?.message ?? '', /reached from hop 1 \(a\)/);
  assert.deepEqual(codes(read(hop('a', '10.0.0.7:1080'), hop('b', '192.0.2.1:1'))), []);
});

test('names that are resolved here before the chain', () => {
  const resolvers = 'resolvers:\n- name: r\n  nameservers:\n  - addr: udp://192.0.2.53:53\n';
  const text = `${SERVICE}  resolver: r\n${resolvers}chains:\n- name: c\n  hops:\n${hop('a', '192.0.2.1:1')}`;
  assert.deepEqual(codes(load(text)), ['hint resolved_here services.0.resolver']);
  assert.deepEqual(codes(load(text.replace(':53\n', ':53\n    chain: c\n'))), []);
  const socks4 = hop('a', '192.0.2.1:1').replace(
    '{type: socks5}',
    '{type: socks4, metadata: {disable4a: true}}',
  );
  assert.deepEqual(codes(read(socks4)), [
    'hint resolved_here chains.0.hops.0.nodes.0.connector.metadata.disable4a',
  ]);
});

test('a hop that is only a name nobody defines', () => {
  const loaded = read('  - name: gone\n');
  assert.ok(codes(loaded).includes('blocks missing_hop chains.0.hops.0.name'));
});

test('a proxy that is the own service is named where it stands', () => {
  const loaded = read(hop('a', '127.0.0.1:1080'));
  assert.ok(codes(loaded).includes('hint loop_node chains.0.hops.0.nodes.0.addr'));
  assert.ok(codes(loaded).includes('blocks loop services.0.handler.chain'));
});
