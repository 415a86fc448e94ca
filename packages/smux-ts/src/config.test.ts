import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_CONFIG, verifyConfig, type ConfigOptions } from './config.ts';
import { SmuxError } from './errors.ts';

test('has the defaults of xtaci/smux v1.5.56', () => {
  assert.deepEqual(verifyConfig(), DEFAULT_CONFIG);
  assert.deepEqual(verifyConfig({ version: 2, maxFrameSize: 65_535 }), {
    version: 2,
    keepAliveDisabled: false,
    keepAliveIntervalMs: 10_000,
    keepAliveTimeoutMs: 30_000,
    maxFrameSize: 65_535,
    maxReceiveBuffer: 4_194_304,
    maxStreamBuffer: 65_536,
    acceptBacklog: 1_024,
  });
});

const WRONG: readonly (readonly [name: string, options: ConfigOptions])[] = [
  ['version', JSON.parse('{"version":3}') as ConfigOptions],
  ['keepAliveIntervalMs', { keepAliveIntervalMs: 0 }],
  ['keepAliveIntervalMs', { keepAliveIntervalMs: Number.NaN }],
  ['keepAliveTimeoutMs', { keepAliveTimeoutMs: 2 ** 31 }],
  ['keepAliveTimeoutMs', { keepAliveIntervalMs: 100, keepAliveTimeoutMs: 99 }],
  ['maxFrameSize', { maxFrameSize: 0 }],
  ['maxFrameSize', { maxFrameSize: 65_536 }],
  ['maxFrameSize', { maxFrameSize: 1.5 }],
  ['maxReceiveBuffer', { maxReceiveBuffer: 0 }],
  ['maxStreamBuffer', { maxStreamBuffer: -1 }],
  ['maxStreamBuffer', { maxStreamBuffer: 2, maxReceiveBuffer: 1 }],
  ['acceptBacklog', { acceptBacklog: -1 }],
];

for (const [name, options] of WRONG) {
  test(`refuses ${JSON.stringify(options)} by the name ${name}`, () => {
    assert.throws(
      () => verifyConfig(options),
      (error) =>
        error instanceof SmuxError && error.code === 'invalid_option' && error.message.includes(name),
    );
  });
}

test('does not look at keep-alive times that are not used', () => {
  assert.equal(verifyConfig({ keepAliveDisabled: true, keepAliveIntervalMs: 0 }).keepAliveIntervalMs, 0);
});
