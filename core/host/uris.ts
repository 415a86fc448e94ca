/** Proxy addresses that people paste: cleaned of what surrounds them, read by the rules of the command line, shown without a password. */
import type { UriPreview } from '../contract/api.ts';
import type { Component, Config, Finding, Hop, Json, Node } from '../contract/config.ts';
import { ProxyError } from '../errors.ts';

/** Reads -L and -F URLs. Implemented by core/config. */
export type ReadUrls = (
  services: readonly string[],
  hops: readonly string[],
) => { readonly config: Config; readonly findings: readonly Finding[] };

export interface PastedHop {
  readonly hop: Hop;
  readonly nodes: readonly Node[];
  readonly findings: readonly Finding[];
}

/** The hop a pasted URI means. Throws `config` when it means none. */
export function hopOf(pasted: string, readUrls: ReadUrls): PastedHop {
  const { config, findings } = readUrls([], [cleaned(pasted)]);
  const hop = config.chains?.[0]?.hops?.[0] ?? config['hops'];
  const blocking = findings.find(({ grade }) => grade === 'blocks');
  if (blocking !== undefined || !isHop(hop) || hop.nodes === undefined || hop.nodes.length === 0) {
    const message = blocking?.message ?? 'This is not the address of a proxy, such as socks5://host:1080.';
    throw new ProxyError('config', { where: 'address', message });
  }
  return { hop, nodes: hop.nodes, findings };
}

/** What a pasted URI means, for people. Never throws. */
export function previewOf(pasted: string, readUrls: ReadUrls): UriPreview {
  try {
    const { nodes, findings } = hopOf(pasted, readUrls);
    return { ok: true, label: nodes.map(labelOf).join(', '), findings };
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    const finding: Finding = {
      grade: 'blocks',
      code: 'bad_value',
      file: 'address',
      line: 0,
      column: 0,
      path: [],
      message: String(error.detail['message'] ?? error.message),
    };
    return { ok: false, label: '', findings: [finding] };
  }
}

/** `socks5+tls://user@host:1080`: enough to know it again, no password. */
export function labelOf({ addr, connector, dialer }: Node): string {
  const transport = dialer?.type === undefined || dialer.type === 'tcp' ? '' : `+${dialer.type}`;
  const user = userOf(connector) ?? userOf(dialer);
  return `${connector?.type ?? 'http'}${transport}://${user === null ? '' : `${user}@`}${addr ?? ''}`;
}

function userOf(component: Component | undefined): string | null {
  return component?.auth?.username ?? null;
}

/** Without surrounding blanks, quotes and the option letter of a copied command. */
function cleaned(pasted: string): string {
  const bare = pasted.trim().replace(/^-F[\s=]*/, '');
  return bare.replace(/^(["'])(.*)\1$/, '$2').trim();
}

function isHop(value: Json | Hop | undefined): value is Hop {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
