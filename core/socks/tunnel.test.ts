import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Address, Conn } from '../net/conn.ts';
import { BOUNDED, corpus, mutated, pieces } from '../testing/corpus.ts';
import { hex } from '../testing/decoding.ts';
import { memoryPair } from '../testing/pair.ts';
import { LengthFrames } from './length-frames.ts';
import { TunnelPackets } from './tunnel.ts';

const LOCAL = { host: '127.0.0.1', port: 1 };
const TARGET = { host: '127.0.0.1', port: 53 };

interface Heard {
  readonly data: Buffer;
  readonly from: Address;
}

/** A stream that is only ever told things; what is written to it is dropped. */
function told(): Conn {
  const [conn] = memoryPair();
  return conn;
}

describe('datagrams inside a stream', () => {
  test('are read out of split and joined frames with their source', () => {
    const conn = told();
    const heard: Heard[] = [];
    new TunnelPackets(conn, LOCAL).receive((data, from) => heard.push({ data: Buffer.from(data), from }));
    const stream = hex('0003 ff 01 7f000001 0035 6f6e65 0003 00 03 01 61 0035 74776f');
    for (const piece of pieces(stream, [3, 1, 9])) conn.emit('data', piece);
    assert.deepEqual(heard, [
      { data: Buffer.from('one'), from: TARGET },
      { data: Buffer.from('two'), from: { host: 'a', port: 53 } },
    ]);
    conn.destroy();
  });

  test('are written whole, with FRAG 0', async () => {
    const [conn, peer] = memoryPair();
    const packets = new TunnelPackets(conn, LOCAL);
    assert.equal(packets.send(Buffer.from('one'), TARGET), null);
    const written = await new Promise((resolve) => peer.once('data', resolve));
    assert.deepEqual(written, hex('0003 00 01 7f000001 0035 6f6e65'));
    packets.close();
    await packets.closed;
  });

  test('that could make GOST lose its place or close the tunnel are not written', () => {
    const packets = new TunnelPackets(told(), LOCAL);
    const one = Buffer.from('1');
    assert.equal(packets.send(Buffer.alloc(0), TARGET), 'empty');
    assert.equal(packets.send(one, { host: '127.0.0.1', port: 0 }), 'unreachable');
    assert.equal(packets.send(one, { host: '', port: 53 }), 'unreachable');
    assert.equal(packets.send(one, { host: 'x'.repeat(256), port: 53 }), 'name');
    assert.equal(packets.send(Buffer.alloc(65_536), TARGET), 'too_big');
    packets.close();
    assert.equal(packets.send(one, TARGET), 'closing');
  });

  test('are dropped while the peer does not read, and memory stays bounded', () => {
    const [conn, peer] = memoryPair(1024);
    peer.pause();
    const packets = new TunnelPackets(conn, LOCAL);
    const outcomes = Array.from({ length: 100 }, () => packets.send(Buffer.alloc(32_768), TARGET));
    assert.equal(outcomes[0], null);
    assert.equal(outcomes.at(-1), 'queue');
    assert.ok(conn.writableLength < 1024 * 1024);
    packets.close();
  });

  test('end with the end of the stream and with a frame that can not be read', async () => {
    for (const end of [
      (peer: Conn) => void peer.end(),
      (peer: Conn) => void peer.write(hex('0003 ff 09 7f000001 8865 616263')),
    ]) {
      const [conn, peer] = memoryPair();
      const packets = new TunnelPackets(conn, LOCAL);
      packets.receive(() => undefined);
      end(peer);
      await packets.closed;
      assert.ok(conn.destroyed);
      peer.destroy();
    }
  });
});

describe('datagrams of one target', () => {
  test('carry their length and nothing else', async () => {
    const [conn, peer] = memoryPair();
    const packets = new LengthFrames(conn, TARGET);
    assert.equal(packets.carrier, 'relay');
    for (const data of ['hello', '']) assert.equal(packets.send(Buffer.from(data)), null);
    const written: Buffer[] = [];
    peer.on('data', (chunk: Buffer) => written.push(chunk));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(Buffer.concat(written), hex('0005 68656c6c6f 0000'));
    assert.equal(packets.send(Buffer.alloc(65_536)), 'too_big');
    packets.close();
    assert.equal(packets.send(Buffer.from('x')), 'closing');
    await packets.closed;
    peer.destroy();
  });

  test('all come from the target', () => {
    const conn = told();
    const heard: Heard[] = [];
    new LengthFrames(conn, TARGET).receive((data, from) => heard.push({ data: Buffer.from(data), from }));
    for (const piece of pieces(hex('0005 68656c6c6f 0000 0001 61'), [1, 3])) conn.emit('data', piece);
    assert.deepEqual(
      heard.map(({ data, from }) => [String(data), from]),
      [
        ['hello', TARGET],
        ['', TARGET],
        ['a', TARGET],
      ],
    );
    conn.destroy();
  });
});

for (const [name, open] of [
  ['udptun', (conn: Conn) => new TunnelPackets(conn, LOCAL)],
  ['length-frames', (conn: Conn) => new LengthFrames(conn, TARGET)],
] as const) {
  describe(`fuzz: ${name}`, () => {
    const kept = corpus(name);
    /** What a stream of these pieces amounts to: payloads in hex, and how it stands afterwards. */
    const outcome = (stream: readonly Buffer[]): { payloads: string[]; ended: boolean } => {
      const conn = told();
      const payloads: string[] = [];
      open(conn).receive((data) => payloads.push(data.toString('hex')));
      for (const piece of stream) if (!conn.destroyed) conn.emit('data', piece);
      const ended = conn.destroyed;
      conn.destroy();
      return { payloads, ended };
    };

    for (const { verdict, bytes, why } of kept) {
      test(`corpus: ${why}`, () => {
        const { payloads, ended } = outcome([bytes]);
        const sizes = payloads.map((payload) => String(payload.length / 2));
        const expected = verdict.split(' ').filter((word) => word !== '' && word !== 'wait');
        assert.deepEqual([...sizes, ...(ended ? ['end'] : [])], expected);
      });
    }

    test('any bytes mean the same in any split', () => {
      fc.assert(
        fc.property(
          mutated(kept),
          fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
          (bytes, sizes) => {
            const whole = outcome([bytes]);
            assert.deepEqual(outcome(pieces(bytes, sizes)), whole);
            assert.deepEqual(outcome(pieces(bytes, [1])), whole);
          },
        ),
        BOUNDED,
      );
    });
  });
}
