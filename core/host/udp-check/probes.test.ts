import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { UDP_PROBES } from '../../contract/udp-check.ts';
import { ECHO_BYTES, Prober } from './probes.ts';

/** What an honest server of each kind makes of a probe. */
const SERVERS = {
  echo: (probe: Buffer) => Buffer.from(probe),
  dns: (probe: Buffer) => {
    const { id, questions } = decode(probe);
    return encode({ type: 'response', id: id ?? 0, flags: RECURSION_DESIRED, questions: questions ?? [] });
  },
  ntp: (probe: Buffer) => {
    const answer = Buffer.alloc(48, 7);
    answer[0] = 0x24;
    probe.copy(answer, 24, 40, 48);
    return answer;
  },
  stun: (probe: Buffer) => {
    const answer = Buffer.alloc(20);
    probe.copy(answer);
    answer.writeUInt16BE(0x0101, 0);
    return answer;
  },
} as const;

for (const probe of UDP_PROBES) {
  test(`${probe}: an answer tells the number of its probe, and nothing else does`, () => {
    const prober = new Prober(probe);
    const answers = [1, 2, 21, 1000].map((number) => SERVERS[probe](prober.encode(number)));
    assert.deepEqual(
      answers.map((answer) => prober.decode(answer)),
      [1, 2, 21, 1000],
    );
    const [first = Buffer.alloc(0)] = answers;
    for (let length = 0; length < first.length; length += 1) {
      const cut = prober.decode(first.subarray(0, length));
      assert.ok(
        cut === null || (probe === 'echo' && length >= ECHO_BYTES),
        `${length} of ${first.length} bytes`,
      );
    }
    assert.equal(
      prober.decode(Buffer.from('something else entirely, and long enough to be any of them')),
      null,
    );
    if (probe !== 'dns') assert.equal(new Prober(probe).decode(first), null);
  });
}

test('an echo is as long as asked, never shorter than what it must carry', () => {
  const prober = new Prober('echo');
  assert.equal(prober.encode(1, 1400).length, 1400);
  assert.equal(prober.encode(1, 1).length, ECHO_BYTES);
});

test('a question that was sent back unanswered is no answer', () => {
  for (const probe of ['dns', 'ntp', 'stun'] as const) {
    const prober = new Prober(probe);
    assert.equal(prober.decode(prober.encode(1)), null, probe);
  }
});
