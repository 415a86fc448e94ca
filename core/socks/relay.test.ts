import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ERRORS, type ErrorCode } from '../contract/errors.ts';
import { ProxyError } from '../errors.ts';
import { BOUNDED, corpus, mutated } from '../testing/corpus.ts';
import { decodesTo, hex } from '../testing/decoding.ts';
import type { Decode } from './message.ts';
import {
  decodeRelayReply,
  decodeRelayRequest,
  encodeRelayReply,
  encodeRelayRequest,
  relayFailure,
  relayStatus,
} from './relay.ts';

const TARGET = { host: '127.0.0.1', port: 45_297 };
const plain = { command: 1, udp: false, signIn: null, dst: TARGET };

describe('relay request', () => {
  const REQUESTS = [
    ['CONNECT', '0101 000a 02 0007 01 7f000001 b0f1', plain],
    [
      'CONNECT of a name',
      '0101 0010 02 000d 03 09 6c6f63616c686f7374 b0f1',
      { ...plain, dst: { host: 'localhost', port: 45_297 } },
    ],
    ['UDP CONNECT', '0181 000a 02 0007 01 7f000001 b0f1', { ...plain, udp: true }],
    ['BIND', '0102 000f 04 0002 0000 02 0007 01 7f000001 b0f1', { ...plain, command: 2 }],
    ['UDP BIND', '0182 000f 04 0002 0001 02 0007 01 7f000001 b0f1', { ...plain, command: 2, udp: true }],
    ['a request without target', '0101 0000', { ...plain, dst: null }],
  ] as const;
  for (const [what, bytes, request] of REQUESTS) {
    test(`carries ${what} both ways`, async () => {
      assert.deepEqual(encodeRelayRequest(request), hex(bytes));
      await decodesTo(decodeRelayRequest, hex(bytes), request);
    });
  }

  test('carries a sign-in as bytes', async () => {
    const bytes = hex('0101 0017 01 000a 04 75736572 04 70617373 02 0007 01 7f000001 b0f1');
    const signIn = { username: 'user', password: 'pass' };
    assert.deepEqual(encodeRelayRequest({ ...plain, signIn }), bytes);
    const read = { user: Buffer.from('user'), password: Buffer.from('pass') };
    await decodesTo(decodeRelayRequest, bytes, { ...plain, signIn: read });
  });

  test('reads command 0 of GOST v2 as CONNECT, and the network feature without the flag as UDP', () => {
    const v2 = decodeRelayRequest(hex('0100 000a 02 0007 01 7f000001 b0f1'));
    assert.ok('value' in v2);
    assert.deepEqual(v2.value, plain);
    const network = decodeRelayRequest(hex('0101 000f 04 0002 0001 02 0007 01 7f000001 b0f1'));
    assert.ok('value' in network && network.value.udp);
  });

  test('refuses what does not fit before anything is sent', () => {
    const long = 'x'.repeat(256);
    for (const request of [
      { ...plain, dst: { host: long, port: 1 } },
      { ...plain, signIn: { username: long, password: '' } },
    ])
      assert.throws(() => encodeRelayRequest(request), ProxyError);
  });
});

describe('relay reply', () => {
  const REPLIES = [
    ['success', '0100 0000', { status: 0, address: null }],
    ['a bound address', '0100 000a 02 0007 01 7f000001 b0f1', { status: 0, address: TARGET }],
    ['a failure', '0107 0000', { status: 7, address: null }],
  ] as const;
  for (const [what, bytes, reply] of REPLIES) {
    test(`carries ${what} both ways`, async () => {
      assert.deepEqual(encodeRelayReply(reply), hex(bytes));
      await decodesTo(decodeRelayReply, hex(bytes), reply);
    });
  }

  test('every failure has a status that a client takes for one', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const status = relayStatus(code);
      assert.ok(status >= 1 && status <= 8, code);
      assert.notEqual(relayFailure(status).words, 'ok');
    }
    assert.deepEqual(relayFailure(99), { code: 'hop_refused', words: 'status 99' });
  });
});

for (const [name, decode] of [
  ['relay-request', decodeRelayRequest],
  ['relay-reply', decodeRelayReply],
] as readonly [string, Decode<unknown>][]) {
  describe(`fuzz: ${name}`, () => {
    const kept = corpus(name);
    for (const { verdict, bytes, why } of kept) {
      test(`corpus: ${why}`, () => assert.equal(verdictOf(decode, bytes), verdict));
    }

    test('ends in a message, a wait for a bounded number of bytes, or a proper error, in any split', () => {
      fc.assert(
        fc.property(mutated(kept), (bytes) => {
          let asked = 1;
          for (let length = 0; length <= bytes.length; length += 1) {
            const step = attempt(decode, bytes.subarray(0, length));
            if (step instanceof ProxyError) break;
            if ('value' in step) {
              assert.ok(step.size <= length, 'takes no more than there is');
              break;
            }
            assert.ok(
              step.need > length && step.need >= asked,
              'asks for more, and never for less than before',
            );
            assert.ok(step.need <= 4 + 0xffff, 'asks for no more than a message can have');
            asked = step.need;
          }
        }),
        BOUNDED,
      );
    });
  });
}

function verdictOf(decode: Decode<unknown>, bytes: Buffer): string {
  const step = attempt(decode, bytes);
  if (step instanceof ProxyError) return step.code;
  return 'value' in step ? 'ok' : 'wait';
}

/** Anything that is thrown and is not a ProxyError goes through and fails the test. */
function attempt(decode: Decode<unknown>, bytes: Buffer): ReturnType<Decode<unknown>> | ProxyError {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof ProxyError) return error;
    throw error;
  }
}
