import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address } from '../../net/conn.ts';
import { natOf, type AskStun } from './nat.ts';
import { decodeStun, encodeStun, type StunAnswer } from './stun.ts';

const TRANSACTION = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex');

test('reads the sample answers of RFC 5769, both families', () => {
  // RFC 5769 §2.2 and §2.3: 192.0.2.1:32853 and 2001:db8:1234:5678:11:2233:4455:6677:32853
  const four = Buffer.from(
    '0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96',
    'hex',
  );
  const six = Buffer.from(
    '010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c',
    'hex',
  );
  assert.deepEqual(decodeStun(four), {
    transaction: TRANSACTION,
    mapped: { host: '192.0.2.1', port: 32_853 },
    other: null,
  });
  assert.deepEqual(decodeStun(six)?.mapped, {
    host: '2001:db8:1234:5678:11:2233:4455:6677',
    port: 32_853,
  });
  for (let length = 0; length < four.length; length += 1) decodeStun(four.subarray(0, length));
  assert.equal(decodeStun(encodeStun(TRANSACTION)), null);
});

test('asks for an answer from elsewhere', () => {
  assert.equal(encodeStun(TRANSACTION).toString('hex'), '000100002112a442b7e7a701bc34d686fa87dfae');
  assert.equal(
    encodeStun(TRANSACTION, { ip: true, port: true }).toString('hex'),
    '000100082112a442b7e7a701bc34d686fa87dfae0003000400000006',
  );
});

const SERVER: Address = { host: '192.0.2.1', port: 3478 };
const OTHER: Address = { host: '192.0.2.2', port: 3479 };
const OUTSIDE: Address = { host: '203.0.113.5', port: 40_000 };

/** A NAT that shows itself by `mappedTo`, and lets answers from elsewhere in as told. */
function behind(mappedTo: (to: Address) => Address, lets: { ip: boolean; port: boolean }): AskStun {
  return (to, change) => {
    const refused = (change?.ip === true && !lets.ip) || (change?.port === true && !lets.port);
    const answer: StunAnswer = { transaction: TRANSACTION, mapped: mappedTo(to), other: OTHER };
    return Promise.resolve(refused ? null : answer);
  };
}

test('names how ports are mapped and who may answer', async () => {
  const cases = [
    [() => OUTSIDE, { ip: true, port: true }, 'endpoint', 'endpoint'],
    [
      ({ host }: Address) => ({ ...OUTSIDE, port: host === SERVER.host ? 40_000 : 40_001 }),
      { ip: false, port: true },
      'address',
      'address',
    ],
    [
      ({ port }: Address) => ({ ...OUTSIDE, port: 30_000 + port + 1 }),
      { ip: false, port: false },
      'endpoint',
      'address_port',
    ],
    [
      ({ host, port }: Address) => ({ ...OUTSIDE, port: port + (host === SERVER.host ? 1 : 1000) }),
      { ip: false, port: false },
      'address_port',
      'address_port',
    ],
  ] as const;
  for (const [mappedTo, lets, mapping, filtering] of cases) {
    const ask = behind(mappedTo, lets);
    const first = await ask(SERVER, null);
    assert.ok(first !== null);
    const facts = await natOf(SERVER, first, ask, () => false);
    assert.deepEqual([facts?.mapping, facts?.filtering], [mapping, filtering]);
  }
});

test('does not guess: a server with one address can not tell, our own address is no translation', async () => {
  const silent: AskStun = () => Promise.resolve(null);
  const lonely: StunAnswer = { transaction: TRANSACTION, mapped: OUTSIDE, other: null };
  assert.deepEqual(await natOf(SERVER, lonely, silent, () => false), {
    mapped: OUTSIDE,
    mapping: 'unknown',
    filtering: 'unknown',
  });
  assert.equal((await natOf(SERVER, lonely, silent, () => true))?.mapping, 'direct');
  assert.equal(await natOf(SERVER, { ...lonely, mapped: null }, silent, () => false), null);
});
