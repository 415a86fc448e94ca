/** Test-only: a UDP session with its peers, and how a connection was made, as the inspector asks for them. */
import type { AssociationInfo, ConnectionDetail, UdpPeer } from '../../core/contract/stats.ts';

export function associations(at: number): AssociationInfo[] {
  const sent = Math.floor(at / 50) % 100_000;
  return [
    {
      id: 'u1',
      service: 'local',
      client: { host: '127.0.0.1', port: 51_322 },
      relay: { host: '127.0.0.1', port: 40_911 },
      startedAt: at - 184_000,
      path: ['gate', 'ams-1'],
      chain: 'work',
      carrier: 'udp-tun',
      carriers: ['tcp', 'udp-tun'],
      idleMs: 60_000,
      peerCount: 3,
      owner: { pid: 4_121, name: 'zoom' },
      asked: 3,
      unanswered: 0,
      packetsUp: sent + 818,
      packetsDown: sent + 792,
      up: sent * 160 + 99_300,
      down: sent * 172 + 210_900,
      lastAt: at - 40,
      dropped: { stranger: 3, too_big: 1 },
      tooBig: { size: 65_517, limit: 65_507 },
      endedAt: null,
    },
  ];
}

/** What the inspector asks about one connection. */
export function detailOf(id: string): ConnectionDetail {
  return {
    id,
    requestMs: 1.2,
    name: { by: 'hop', ms: null, address: null },
    attempts: [
      {
        startMs: 1.3,
        endMs: 61.8,
        error: null,
        stages: [],
        hops: [
          {
            node: 'gate',
            address: { host: 'gate.example', port: 1080 },
            startMs: 1.3,
            reachedMs: 14.1,
            answeredMs: 31.7,
            reach: [
              { stage: 'resolve', ms: 3.1 },
              { stage: 'connect', ms: 9.7 },
            ],
            ask: [
              { stage: 'method', ms: 8.2 },
              { stage: 'request', ms: 9.4 },
            ],
          },
          {
            node: 'ams-1',
            address: { host: '203.0.113.7', port: 1080 },
            startMs: 1.3,
            reachedMs: 33,
            answeredMs: 61.4,
            reach: [],
            ask: [
              { stage: 'method', ms: 14 },
              { stage: 'request', ms: 14.4 },
            ],
          },
        ],
      },
    ],
    repliedMs: 61.8,
    firstByteMs: 96.4,
    peers: id === 'u1' ? peersOf(Date.now()) : [],
  };
}

function peersOf(at: number): UdpPeer[] {
  const sent = Math.floor(at / 50) % 100_000;
  return [
    {
      peer: { host: '198.51.100.20', port: 3478 },
      packetsUp: sent,
      packetsDown: sent - 4,
      up: sent * 160,
      down: sent * 172,
      largest: 1_172,
      firstAt: at - 184_000,
      lastAt: at - 40,
    },
    {
      peer: { host: '203.0.113.9', port: 443 },
      packetsUp: 812,
      packetsDown: 790,
      up: 99_000,
      down: 210_000,
      largest: 1_172,
      firstAt: at - 90_000,
      lastAt: at - 2_000,
    },
    {
      peer: { host: '2001:db8::35', port: 53 },
      packetsUp: 6,
      packetsDown: 6,
      up: 300,
      down: 900,
      largest: 1_172,
      firstAt: at - 80_000,
      lastAt: at - 60_000,
    },
  ];
}
