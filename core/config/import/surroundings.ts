/** Findings about an import that lie outside of its text: the ports of the services that are there, the files that it names. */
import type { Config, Finding, Json, Path } from '../../contract/config.ts';
import { isList, isMap } from '../gost-values.ts';
import { sameData } from '../model.ts';
import { listOf, nameOf } from './names.ts';
import type { ReadSource } from './read.ts';

/** Services that listen where one of the configuration listens already: both can not run at once. */
export function portClashes(config: Config, current: Config, { source }: ReadSource): Finding[] {
  const used = new Map<string, string>();
  for (const service of listOf(current, 'services'))
    if (portOf(service) !== '') used.set(portOf(service), nameOf(service));
  const free = new Set([...used.keys(), ...listOf(config, 'services').map(portOf)]);
  return listOf(config, 'services').flatMap((service, index): Finding[] => {
    const port = portOf(service);
    const owner = used.get(port);
    const twin = listOf(current, 'services').find((other) => nameOf(other) === nameOf(service));
    if (owner === undefined || (owner === nameOf(service) && sameData(twin, service))) return [];
    let next = Number(port) + 1;
    while (free.has(String(next)) && next < 65_535) next += 1;
    free.add(String(next));
    const path = ['services', index, 'addr'];
    const addr = isMap(service) && typeof service['addr'] === 'string' ? service['addr'] : '';
    return [
      {
        grade: 'changes',
        code: 'port_taken',
        ...source.locate(path, 'value'),
        path,
        message: `Port ${port} belongs to your service ${owner}; only one of the two can run.`,
        fix: {
          label: `Use ${next}`,
          edits: [{ op: 'set', path, value: `${addr.slice(0, addr.lastIndexOf(':') + 1)}${next}` }],
        },
      },
    ];
  });
}

const FILE_KEYS = new Set([
  'certfile',
  'keyfile',
  'cafile',
  'privatekeyfile',
  'authorizedkeys',
  'configfile',
  'kcp.configfile',
]);

/** Files that the configuration would read once it runs. The import itself opens none of them. */
export function namedFiles(config: Config, { source }: ReadSource): Finding[] {
  const found: Finding[] = [];
  const look = (value: Json | undefined, path: Path): void => {
    if (isList(value)) value.forEach((item, index) => look(item, [...path, index]));
    if (!isMap(value)) return;
    for (const [key, item] of Object.entries(value)) {
      const at = [...path, key];
      const named = FILE_KEYS.has(key.toLowerCase()) || (key === 'path' && path.at(-1) === 'file');
      if (!named || typeof item !== 'string' || item === '') look(item, at);
      else {
        found.push({
          grade: 'changes',
          code: 'reads_file',
          ...source.locate(at, 'value'),
          path: at,
          message: `It names the file ${item}. The import does not open it; once this runs, Sockeye reads it.`,
        });
      }
    }
  };
  look(config, []);
  return found;
}

function portOf(service: Json): string {
  const addr = isMap(service) ? service['addr'] : undefined;
  return typeof addr === 'string' ? (/:(\d+)$/.exec(addr)?.[1] ?? '') : '';
}
