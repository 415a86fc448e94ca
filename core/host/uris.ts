/** Proxy addresses that people paste: cleaned of what surrounds them, read by the rules of the command line, shown without a password. */
import { loadUrls } from '../config/load.ts';
import { fromUri, labelOf } from '../config/node-uri.ts';
import type { UriPreview } from '../contract/api.ts';
import type { Finding, Node, Selector } from '../contract/config.ts';
import { ProxyError } from '../errors.ts';

export interface Pasted {
  readonly node: Node;
  readonly selector: Selector | null;
  readonly findings: readonly Finding[];
}

/** The node a pasted URI means. Throws `config` when it means none that could be used. */
export function pastedNode(text: string): Pasted {
  const uri = cleaned(text);
  const pasted = fromUri(uri);
  const { findings } = loadUrls([], [uri]);
  const blocking = findings.find(({ grade }) => grade === 'blocks');
  if (pasted === null || blocking !== undefined) {
    const message = blocking?.message ?? 'This is not the address of a proxy, such as socks5://host:1080.';
    throw new ProxyError('config', { where: 'address', message });
  }
  return { node: pasted.node, selector: pasted.selector, findings };
}

/** What a pasted URI means, for people. Never throws `config`: what is wrong is a finding. */
export function previewOf(text: string): UriPreview {
  try {
    const { node, findings } = pastedNode(text);
    return { ok: true, label: labelOf(node), findings };
  } catch (error) {
    if (!(error instanceof ProxyError) || error.code !== 'config') throw error;
    const message = String(error.detail['message']);
    const place = { file: 'address', line: 0, column: 0, path: [] };
    return { ok: false, label: '', findings: [{ grade: 'blocks', code: 'bad_value', ...place, message }] };
  }
}

/** Without surrounding blanks, quotes and the option letter of a copied command. */
function cleaned(text: string): string {
  const bare = text.trim().replace(/^-F[\s=]*/, '');
  return bare.replace(/^(["'])(.*)\1$/, '$2').trim();
}
