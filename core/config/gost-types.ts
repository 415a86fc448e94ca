/**
 * The component types GOST 3 registers, by role, and how close a mistyped word is to a known one. What Sockeye itself has is in the catalog.
 */
export type Role = 'handler' | 'listener' | 'connector' | 'dialer';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const TYPES: Readonly<Record<Role, ReadonlySet<string>>> = {
  handler: words(
    `api auto dns file forward http http2 http3 masque metrics red redir redirect redu relay router rtcp rudp runix serial sni socks
    socks4 socks4a socks5 ss sshd ssu tap tcp tun tungo tunnel udp unix`,
  ),
  listener: words(
    `dns dtls ftcp grpc h2 h2c h3 http2 http3 icmp icmp6 kcp mtcp mtls mws mwss ohttp otls pht phts quic red redir redirect redu rtcp
    rudp runix serial ssh sshd stdio tap tcp tls tun tungo udp unix ws wss wt`,
  ),
  connector: words(
    'direct forward http http2 masque relay router serial sni socks socks4 socks4a socks5 ss sshd ssu tcp tunnel unix virtual',
  ),
  dialer: words(
    `direct dtls ftcp grpc h2 h2c h3 h3-masque http2 http3 icmp icmp6 kcp mtcp mtls mws mwss ohttp ohttps otls pht phts quic serial
    ssh sshd tcp tls udp unix utls virtual wg ws wss wt`,
  ),
};

/** Listeners that wait at the far end of a chain instead of on this computer. */
export const REMOTE_LISTENERS: ReadonlySet<string> = new Set(['rtcp', 'rudp', 'runix']);
/** Listeners whose port is a UDP port. */
export const UDP_LISTENERS: ReadonlySet<string> = words(
  'udp rudp kcp quic dtls http3 h3 wt dns redu tungo tun tap icmp icmp6',
);

const REASONS: readonly [ReadonlySet<string>, string][] = [
  [words('tun tap tungo wg'), 'It needs a virtual network adapter, which Sockeye does not make.'],
  [
    words('red redir redirect redu'),
    'It needs traffic redirected by the system, which Sockeye does not set up.',
  ],
  [words('unix runix serial stdio'), 'Sockeye listens on and connects to network addresses only.'],
  [words('icmp icmp6 ftcp'), 'It needs raw sockets and administrator rights.'],
  [words('api metrics file'), 'Sockeye has no such web service.'],
];

export function isGostType(role: Role, type: string): boolean {
  return TYPES[role].has(type);
}

/** Roles in which GOST knows the word, for keys that look like a type. */
export function rolesOf(word: string): Role[] {
  const roles: Role[] = ['handler', 'listener', 'connector', 'dialer'];
  return roles.filter((role) => TYPES[role].has(word));
}

export function typesOf(role: Role): readonly string[] {
  return [...TYPES[role]];
}

/** Why Sockeye has no such type, as a sentence; empty when there is no more to say. */
export function whyNot(type: string): string {
  return REASONS.find(([types]) => types.has(type))?.[1] ?? '';
}

/** The candidate a word was probably meant to be: same but for case, or a slip or two away; a letter left out is likelier than a wrong one. Null when none is close. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const lower = word.toLowerCase();
  let best: { word: string; distance: number } | null = null;
  for (const candidate of candidates) {
    const allowed = Math.min(2, Math.floor(Math.max(candidate.length, word.length) / 3));
    const distance = slips(lower, candidate.toLowerCase(), allowed);
    const nearer =
      best === null ||
      distance < best.distance ||
      (distance === best.distance && candidate.length > best.word.length);
    if (distance <= allowed && nearer) best = { word: candidate, distance };
  }
  return best === null || best.word === word ? null : best.word;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`; more than `limit` is as good as infinite. */
function slips(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit || a.length > 64) return Infinity;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? Infinity;
}
