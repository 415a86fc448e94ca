/**
 * Lists of proxy addresses, one on each line, plain or in Base64 as subscriptions send them. A name behind `#` becomes the name of the proxy.
 */
import type { Config, Finding, Path } from '../../contract/config.ts';
import type { ImportSource } from '../../contract/imports.ts';
import { routesToConfig, type FromUrls, type SourceUrl } from '../gost-url.ts';
import { v2RoutesToConfig } from '../gost-v2.ts';
import { isList } from '../gost-values.ts';
import type { Source } from '../merge.ts';
import { placesOf } from './command.ts';
import { freeName } from './names.ts';

const URI = /^[a-z][a-z0-9.+-]*:\/\/\S+$/i;
/** Addresses that one list may hold. */
const MAX_URIS = 2_000;

interface Uri {
  readonly url: SourceUrl;
  /** What the list calls it, behind a `#`. */
  readonly title: string | null;
}

/** The addresses of a list, one on each line; null when it is none. A list in Base64, as subscriptions send it, counts. */
export function urisOf(text: string): Uri[] | null {
  const bare = text.trim();
  const decoded =
    /^[A-Za-z0-9+/_=\s-]+$/.test(bare) && bare.length >= 16 && !bare.includes('://')
      ? Buffer.from(bare, 'base64').toString('utf8')
      : null;
  const body = decoded?.includes('://') === true ? decoded : text;
  const place = placesOf(body);
  const uris: Uri[] = [];
  for (const match of body.matchAll(/[^\r\n]+/g)) {
    const row = match[0].trim();
    if (row === '' || /^(#|\/\/|;)/.test(row)) continue;
    if (!URI.test(row) || uris.length === MAX_URIS) return null;
    const hash = row.indexOf('#');
    const title = hash === -1 ? null : decodedTitle(row.slice(hash + 1));
    const origin = { file: '', ...(body === text ? place(match.index) : { line: 0, column: 0 }) };
    uris.push({ url: { text: hash === -1 ? row : row.slice(0, hash), origin }, title });
  }
  return uris.length === 0 ? null : uris;
}

function decodedTitle(text: string): string | null {
  try {
    return decodeURIComponent(text).trim() || null;
  } catch {
    return text.trim() || null;
  }
}

/** The list as a configuration, with the lines that its parts came from. */
export function uriSource(
  uris: readonly Uri[],
  name: string,
  list: ImportSource['list'],
  dialect: ImportSource['dialect'],
): Source {
  const urls = uris.map(({ url }) => ({ ...url, origin: { ...url.origin, file: name } }));
  const routes = urls.map((url) => ({ services: [], nodes: [url] }));
  const read = dialect === 'v2' ? v2RoutesToConfig(routes) : routesToConfig(routes);
  const chains = (read.config.chains ?? []).map((chain, index) => ({
    ...chain,
    name: uris[index]?.title ?? hostOf(chain.hops?.[0]?.nodes?.[0]?.addr) ?? chain.name ?? '',
  }));
  if (list === 'chains' || chains.length < 2)
    return withoutEmptyServices(read, [], { ...read.config, chains: distinct(chains) });
  return oneHop(read, distinct(chains), name);
}

/** All proxies of a list as the nodes of one hop, with the places they came from. */
function oneHop(
  read: FromUrls,
  chains: readonly NonNullable<Config['chains']>[number][],
  name: string,
): Source {
  const nodes: { readonly node: object; readonly from: Path }[] = chains.flatMap((chain, index) =>
    (chain.hops?.[0]?.nodes ?? []).map((node, at) => ({
      node: {
        ...node,
        name: chain.hops?.[0]?.nodes?.length === 1 ? (chain.name ?? '') : `${chain.name ?? ''}-${at}`,
      },
      from: ['chains', index, 'hops', 0, 'nodes', at],
    })),
  );
  const config: Config = {
    ...read.config,
    chains: [
      {
        name: name.replace(/\.[a-z0-9]{1,5}$/i, '').replace(/\s+/g, '-') || 'list',
        hops: [
          {
            name: 'hop-0',
            selector: { strategy: 'fifo', maxFails: 1, failTimeout: '30s' },
            nodes: nodes.map(({ node }) => ({ ...node })),
          },
        ],
      },
    ],
  };
  const home = (path: Path): Path => {
    const [section, , , , , at, ...rest] = path;
    const from = section === 'chains' && typeof at === 'number' ? nodes[at]?.from : undefined;
    return from === undefined ? path.slice(0, 2) : [...from, ...rest];
  };
  const moved = (finding: Finding): Finding => {
    const [section, chain, , , , , ...rest] = finding.path;
    if (section !== 'chains' || typeof chain !== 'number') return finding;
    const at = nodes.findIndex(({ from }) => from[1] === chain);
    if (at === -1)
      return {
        ...finding,
        grade: 'changes',
        path: ['chains', 0],
        message: `${finding.message} The line is left out.`,
      };
    return { ...finding, path: ['chains', 0, 'hops', 0, 'nodes', at, ...rest] };
  };
  return {
    config,
    locate: (path, what) => read.locate(home(path), what),
    findings: read.findings.map(moved),
  };
}

function hostOf(addr: string | undefined): string | null {
  return addr === undefined || addr === '' ? null : addr.replace(/[[\]]/g, '');
}

/** The same chains with names that differ. */
function distinct(chains: readonly NonNullable<Config['chains']>[number][]): NonNullable<Config['chains']> {
  const used = new Set<string>();
  return chains.map((chain) => {
    const name = freeName(chain.name ?? 'chain', used);
    used.add(name);
    return { ...chain, name };
  });
}

/** What URLs were read as. A list of services without any is left out. */
export function withoutEmptyServices(
  read: FromUrls,
  more: readonly Finding[],
  config: Config = read.config,
): Source {
  const empty = isList(config.services) && config.services.length === 0;
  const kept = empty
    ? Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'services'))
    : config;
  return { config: kept, locate: read.locate, findings: [...more, ...read.findings] };
}
