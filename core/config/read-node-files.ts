/**
 * Files that a node or a hop of GOST v3 names: `connector.auth.file`, whose first line signs in, and `hop.file.path`, a JSON list of more nodes.
 * Both are read together with the configuration. GOST carries on without a file that it can not read; here that blocks.
 */
import type { Json } from '../contract/config.ts';
import type { Credentials } from '../roles.ts';
import { ConfigDocument } from './document.ts';
import type { Findings } from './findings.ts';
import { isList, isMap } from './gost-values.ts';
import { readBounded, unreadable } from './list-file.ts';
import { readCredentials } from './read-objects.ts';
import type { Section } from './section.ts';

/** As whom a node signs in: the first user of the file, else the one that is written. */
export function readNodeAuth(section: Section, findings: Findings): Credentials | null {
  const path = section.text('file');
  if (path === '') return readCredentials(section, findings);
  const text = readOr(path, [...section.path, 'file'], findings);
  const line = text?.split('\n').find((one) => one.trim() !== '' && !one.trimStart().startsWith('#'));
  const [, username = '', password = ''] = /^\s*(\S+)(?:\s+(.*?))?\s*$/.exec(line ?? '') ?? [];
  return username === '' ? readCredentials(section, findings) : { username, password };
}

/** The nodes that the file of a hop lists; null when it names none, or when that can not be read. */
export function readNodeFile(
  section: Section,
  findings: Findings,
): { readonly path: string; readonly nodes: readonly Json[] } | null {
  const file = section.section('file');
  const path = file.text('path');
  if (path === '') return null;
  const at = [...file.path, 'path'];
  const text = readOr(path, at, findings);
  if (text === null) return null;
  const { nodes, wrong } = nodesIn(text, path);
  if (wrong !== null) {
    findings.add('blocks', 'bad_file', at, `The file ${path} is not a list of nodes in JSON. ${wrong}.`);
    return null;
  }
  if ((section.duration('reload') ?? 0) > 0) {
    findings.add(
      'changes',
      'node_file_once',
      [...section.path, 'reload'],
      `The nodes of ${path} are read when this configuration is read, not by themselves; load it again after a change.`,
    );
  }
  return { path, nodes };
}

function nodesIn(text: string, path: string): { nodes: readonly Json[]; wrong: string | null } {
  // JSON is YAML: the one parser we have tells where it goes wrong, and has our limits
  const { config, errors } = ConfigDocument.parse(`{"nodes": ${text}\n}`, path);
  const [error] = errors;
  if (error !== undefined)
    return { nodes: [], wrong: `Line ${error.line}: ${error.message.replace(/\.$/, '')}` };
  const nodes = (config as { readonly nodes?: Json }).nodes; // what the line above wrote
  if (!isList(nodes) || !nodes.every(isMap)) return { nodes: [], wrong: 'It holds something else' };
  return { nodes, wrong: null };
}

function readOr(path: string, at: readonly (string | number)[], findings: Findings): string | null {
  try {
    return readBounded(path);
  } catch (error) {
    findings.add('blocks', 'bad_file', at, unreadable(path, error));
    return null;
  }
}
