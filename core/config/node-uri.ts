/**
 * One proxy as the URL that `-F` takes: for copying, and for adding a pasted one. Everything that a URL can say is in it; what it can not
 * say (bypasses by name, TLS of the connector) is left out.
 */
import { catalog as ours } from '../catalog.ts';
import type { Component, Finding, Json, Node, Selector } from '../contract/config.ts';
import { definitionOf, type Catalog } from './catalog-view.ts';
import { hostname } from './go-url.ts';
import { isMap, readText } from './gost-values.ts';
import { urlsToConfig } from './gost-url.ts';
import { NODE_OPTIONS } from './read-node.ts';
import { namesOf } from './read-options.ts';
import { Section } from './section.ts';

export interface PastedNode {
  readonly node: Node;
  readonly selector: Selector | null;
  /** About the URL itself; what its values mean is found when the configuration is read. */
  readonly findings: readonly Finding[];
}

/** A pasted URL as a node, each option only where it is read (GOST copies all to everywhere). Null: it is none. */
export function fromUri(uri: string, catalog: Catalog = ours): PastedNode | null {
  const { config, findings } = urlsToConfig([], [uri.trim()]);
  const hop = config.chains?.[0]?.hops?.[0];
  const nodes = hop?.nodes ?? [];
  const first = nodes[0];
  if (hop === undefined || first === undefined) return null;
  const more: Finding = {
    grade: 'hint',
    code: 'node_group',
    file: '-F 1',
    line: 0,
    column: 0,
    path: [],
    message: `The URL names ${nodes.length} proxies; this is the first of them.`,
  };
  return {
    node: tidied(first, catalog),
    selector: hop.selector ?? null,
    findings: nodes.length > 1 ? [...findings, more] : findings,
  };
}

/** The node as a URL. `secrets` false leaves the password out. */
export function toUri(node: Node, secrets: boolean, catalog: Catalog = ours): string {
  const section = new Section(node, []);
  const connector = section.section('connector');
  const dialer = section.section('dialer');
  const auth = dialer.has('auth') ? dialer.section('auth') : connector.section('auth');
  const query = new URLSearchParams([
    ...optionPairs(node, catalog),
    ...tlsPairs(dialer.section('tls'), section.text('addr')),
  ]);
  const text = query.toString().replaceAll('+', '%20');
  return `${schemeOf(connector, dialer)}://${userinfo(auth, secrets)}${section.text('addr')}${text === '' ? '' : `?${text}`}`;
}

/** What people see of a node: scheme and address. */
export function labelOf(node: Node): string {
  const section = new Section(node, []);
  return `${schemeOf(section.section('connector'), section.section('dialer'))}://${section.text('addr')}`;
}

function schemeOf(connector: Section, dialer: Section): string {
  const [what, how] = [connector.text('type') || 'http', dialer.text('type') || 'tcp'];
  return how === 'tcp' || how === what ? what : `${what}+${how}`;
}

function userinfo(auth: Section, secrets: boolean): string {
  const name = auth.text('username');
  const password = secrets ? auth.text('password') : '';
  if (name === '' && password === '') return '';
  return `${escaped(name)}${password === '' ? '' : `:${escaped(password)}`}@`;
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

type Options = { readonly [key: string]: Json | undefined };
type PlaceName = 'connector' | 'dialer' | 'node';

/** The three places of a node's options, each with its test for who reads a key. */
function placesOf(
  node: Node,
  { connectors, dialers }: Catalog,
): { name: PlaceName; options: Options; reads: (key: string) => boolean }[] {
  const reader = (names: readonly string[]) => {
    const known = new Set(names.map((name) => name.toLowerCase()));
    return (key: string): boolean => known.has(key.toLowerCase());
  };
  const type = (component: Component | undefined, fallback: string): string => component?.type || fallback;
  return [
    {
      name: 'connector',
      options: optionsIn(node.connector),
      reads: reader(namesOf(definitionOf(connectors, type(node.connector, 'http')))),
    },
    {
      name: 'dialer',
      options: optionsIn(node.dialer),
      reads: reader(namesOf(definitionOf(dialers, type(node.dialer, 'tcp')))),
    },
    { name: 'node', options: optionsIn(node), reads: reader(NODE_OPTIONS) },
  ];
}

function optionsIn(owner: { readonly [key: string]: Json | undefined } | undefined): Options {
  const metadata = owner?.['metadata'];
  return isMap(metadata) ? metadata : {};
}

/** Takes copies of options out of places that do not read them; what nobody reads stays with the connector. */
function tidied(node: Node, catalog: Catalog): Node {
  const places = placesOf(node, catalog);
  const keep = (name: PlaceName): Options => {
    const place = places.find((one) => one.name === name);
    const others = places.filter((one) => one.name !== name);
    const kept = Object.entries(place?.options ?? {}).filter(([key]) => {
      if (place?.reads(key) === true) return true;
      const copied = others.some(({ options }) => options[key] !== undefined);
      return !copied || (name === 'connector' && !others.some(({ reads }) => reads(key)));
    });
    return Object.fromEntries(kept);
  };
  return {
    ...withOptions(node, keep('node')),
    connector: withOptions(node.connector ?? {}, keep('connector')),
    dialer: withOptions(node.dialer ?? {}, keep('dialer')),
  };
}

function withOptions(owner: Component | Node, options: Options): Component {
  const rest = Object.entries(owner).filter(([key]) => key !== 'metadata');
  return Object.fromEntries(Object.keys(options).length > 0 ? [...rest, ['metadata', options]] : rest);
}

/** An option stands without prefix where no other place would take it for its own. */
function optionPairs(node: Node, catalog: Catalog): [string, string][] {
  const places = placesOf(node, catalog);
  return places.flatMap(({ name, options }) => {
    const others = places.filter((other) => other.name !== name);
    return Object.entries(options).flatMap(([key, value]): [string, string][] => {
      const text = readText(value ?? null).value;
      if (text === undefined) return []; // a map, which no URL can hold
      const shared = others.some((other) => other.reads(key) || other.options[key] !== undefined);
      return [[shared ? `${name}.${key}` : key, text]];
    });
  });
}

function tlsPairs(tls: Section, addr: string): [string, string][] {
  const keys = ['certFile', 'keyFile', 'caFile', 'secure'].filter((key) => tls.has(key));
  const pairs = keys.map((key): [string, string] => [key, tls.text(key)]);
  const name = tls.text('serverName');
  return name === '' || name === hostname(addr) ? pairs : [...pairs, ['serverName', name]];
}
