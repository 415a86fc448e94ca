/**
 * Several configurations as one, as GOST joins repeated -C, -L and -F: lists one behind the other, of anything else the last one.
 */
import type { Config, Finding, Json, Path } from '../contract/config.ts';
import type { Locate } from './findings.ts';
import { isList } from './gost-values.ts';

/** A configuration with what is known about it. Paths of findings are paths of its own configuration. */
export interface Source {
  readonly config: Config;
  readonly locate: Locate;
  readonly findings: readonly Finding[];
}

export function mergeSources(sources: readonly Source[]): Source {
  const [only] = sources;
  if (only !== undefined && sources.length === 1) return only;
  const config: Record<string, Json | undefined> = {};
  /** For each list, the source of each item and its index there; for other keys the source. */
  const origins = new Map<string, { readonly source: Source; readonly first: number }[]>();
  for (const source of sources) {
    for (const [key, value] of Object.entries(source.config)) {
      if (value === undefined) continue;
      const before = config[key];
      const joins = isList(value) && isList(before);
      config[key] = joins ? [...before, ...value] : value;
      const origin = { source, first: joins ? before.length : 0 };
      origins.set(key, joins ? [...(origins.get(key) ?? []), origin] : [origin]);
    }
  }
  const home = ([key, index]: Path): { readonly source: Source; readonly first: number } | undefined => {
    const own = typeof key === 'string' ? origins.get(key) : undefined;
    return own?.findLast(({ first }) => typeof index !== 'number' || first <= index) ?? own?.[0];
  };
  const locate: Locate = (path, what) => {
    const at = home(path);
    if (at === undefined) return sources[0]?.locate(path, what) ?? { file: '', line: 0, column: 0 };
    return at.source.locate(shifted(path, -at.first), what);
  };
  const findings = sources.flatMap((source) =>
    source.findings.map((finding) => {
      const own = origins.get(String(finding.path[0] ?? ''))?.find((origin) => origin.source === source);
      return { ...finding, path: shifted(finding.path, own?.first ?? 0) };
    }),
  );
  return { config, locate, findings };
}

function shifted(path: Path, by: number): Path {
  return path.map((step, index) => (index === 1 && typeof step === 'number' ? step + by : step));
}
