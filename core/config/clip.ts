/**
 * Nodes, hops and chains as text for the clipboard and back: GOST YAML, below the same things as URLs in comments, so that one text serves
 * whoever it is pasted to. Passwords are never in it.
 */
import type { Config, Json, Node, Path } from '../contract/config.ts';
import type { ClipItem } from '../contract/clip.ts';
import { ConfigDocument } from './document.ts';
import { isList, isMap } from './gost-values.ts';
import { valueAt } from './model.ts';
import { fromUri, toUri } from './node-uri.ts';
import { blockLines, GOST_LAYOUT } from './render.ts';
import { withoutSecrets } from './secrets.ts';

/** What stands at these paths of a configuration, passwords included. Paths that are no node, hop or chain are left out. */
export function clipOf(config: Config, paths: readonly Path[]): ClipItem[] {
  return paths.flatMap((path): ClipItem[] => {
    const value = valueAt(config, path);
    const kind = kindAt(path);
    return kind === null || !isMap(value) ? [] : [{ kind, value }];
  });
}

export function clipText(items: readonly ClipItem[]): string {
  const open = items.map(({ kind, value }) => ({ kind, value: withoutSecrets(value) }));
  const of = (wanted: ClipItem['kind']): Json[] =>
    open.filter(({ kind }) => kind === wanted).map(({ value }) => value);
  const lists = { chains: of('chain'), hops: of('hop'), nodes: of('node') };
  const filled = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
  const urls = open.flatMap(nodesIn).map((node) => `# ${toUri(node, false)}`);
  return `${[...urls, ...blockLines(filled, 0, GOST_LAYOUT)].join('\n')}\n`;
}

/** What a pasted text means in a lane; null when it is nothing of that kind. */
export function readClip(text: string): ClipItem[] | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length > 0 && lines.every((line) => /^(-F[\s=]*)?["']?[a-z][\w.+-]*:\/\//i.test(line)))
    return ofUris(lines);
  const { config, errors } = ConfigDocument.parse(text, 'clipboard');
  if (errors.length > 0) return null;
  const items = [
    ...listOf(config, 'chains').map((value): ClipItem => ({ kind: 'chain', value })),
    ...listOf(config, 'hops').map((value): ClipItem => ({ kind: 'hop', value })),
    ...listOf(config, 'nodes').map((value): ClipItem => ({ kind: 'node', value })),
  ];
  return items.length === 0 ? null : items;
}

/** One URL a line, each a node; a group of addresses in one URL with its pick rule is a hop. */
function ofUris(lines: readonly string[]): ClipItem[] | null {
  const items = lines.map((line): ClipItem | null => {
    const uri = line.replace(/^-F[\s=]*/, '').replace(/^(["'])(.*)\1$/, '$2');
    const pasted = fromUri(uri);
    if (pasted === null) return null;
    return { kind: 'node', value: pasted.node };
  });
  return items.some((item) => item === null) ? null : items.flatMap((item) => item ?? []);
}

function kindAt(path: Path): ClipItem['kind'] | null {
  const [section, , hops, , nodes] = path;
  if (section !== 'chains') return null;
  if (path.length === 2) return 'chain';
  if (path.length === 4 && hops === 'hops') return 'hop';
  return path.length === 6 && hops === 'hops' && nodes === 'nodes' ? 'node' : null;
}

function nodesIn({ kind, value }: { kind: ClipItem['kind']; value: Json }): Node[] {
  if (!isMap(value)) return [];
  if (kind === 'node') return [value];
  const hops: readonly Json[] = kind === 'hop' ? [value] : listOf(value, 'hops');
  return hops.flatMap((hop) => listOf(hop, 'nodes'));
}

function listOf(data: Json | undefined, key: string): { readonly [key: string]: Json | undefined }[] {
  const list = valueAt(data, [key]);
  return isList(list) ? list.filter(isMap) : [];
}
