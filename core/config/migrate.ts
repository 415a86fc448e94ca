/**
 * Brings versioned data of an older Sockeye up to date, one pure step per version.
 */
import * as z from 'zod';

type Data = Readonly<Record<string, unknown>>;

/** Step n turns what version n wrote into what version n + 1 writes, without its `version`. */
export type Steps = Readonly<Record<number, (old: Data) => Data>>;

const versioned = z.looseObject({ version: z.int().positive() });

/** The data as `version` writes it. 'newer': a later Sockeye wrote it. Null: it is no such data, or a step for it is missing. */
export function migrate(data: unknown, version: number, steps: Steps): Data | 'newer' | null {
  const known = versioned.safeParse(data);
  if (!known.success) return null;
  if (known.data.version > version) return 'newer';
  let current: Data = known.data;
  for (let from = known.data.version; from < version; from += 1) {
    const step = steps[from];
    if (step === undefined) return null;
    current = { ...step(current), version: from + 1 };
  }
  return current;
}
