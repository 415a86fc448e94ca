import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DropReason } from '../../contract/stats.ts';
import type { Address, PacketConn, PacketSink } from '../../net/conn.ts';
import type { UdpSocket } from '../../net/udp.ts';
import { encodeDatagramHeader } from '../../socks/datagram.ts';
import { DatagramRelay, MAX_TARGETS } from './datagrams.ts';

const CLIENT = { host: '192.0.2.9', port: 5000 };

function relayed() {
  const drops: DropReason[] = [];
  const sent: Address[] = [];
  const answers: Buffer[] = [];
  let fromClient: PacketSink = () => undefined;
  let fromTarget: PacketSink = () => undefined;
  const relay = {
    receive: (sink: PacketSink) => (fromClient = sink),
    sendParts: (parts: readonly Buffer[]) => {
      answers.push(Buffer.concat(parts));
      return null;
    },
  } as unknown as UdpSocket;
  const upstream = {
    receive: (sink: PacketSink) => (fromTarget = sink),
    send: (_: Buffer, to: Address) => {
      sent.push(to);
      return null;
    },
  } as unknown as PacketConn;
  const stats = {
    up: () => 0,
    down: () => 0,
    drop: (reason: DropReason) => void drops.push(reason),
    close: () => 0,
  };
  const datagrams = new DatagramRelay({
    relay,
    upstream,
    clientHost: CLIENT.host,
    clientPort: 0,
    stats,
    meters: null,
  });
  const say = (to: Address): void =>
    fromClient(Buffer.concat([encodeDatagramHeader(to), Buffer.of(1)]), CLIENT);
  return { drops, sent, answers, datagrams, say, hear: (from: Address) => fromTarget(Buffer.of(2), from) };
}

const target = (index: number): Address => ({ host: `10.0.${index >> 8}.${index & 255}`, port: 53 });

test('an association talks to a bounded number of targets and forgets the silent ones after two sweeps', () => {
  const { drops, sent, datagrams, say } = relayed();
  for (let index = 0; index <= MAX_TARGETS; index += 1) say(target(index));
  assert.equal(sent.length, MAX_TARGETS);
  assert.deepEqual(drops, ['targets']);
  datagrams.sweep();
  say(target(7));
  say(target(MAX_TARGETS));
  assert.deepEqual(drops, ['targets', 'targets'], 'one sweep forgets nobody');
  datagrams.sweep();
  say(target(MAX_TARGETS));
  assert.equal(sent.length, MAX_TARGETS + 2);
  assert.deepEqual(drops, ['targets', 'targets']);
});

test('an answer that comes before the client has spoken goes nowhere', () => {
  const { drops, answers, say, hear } = relayed();
  hear(target(1));
  assert.deepEqual([drops, answers.length], [['stranger'], 0]);
  say(target(1));
  hear(target(2));
  assert.deepEqual(answers, [Buffer.concat([encodeDatagramHeader(target(2)), Buffer.of(2)])]);
});
