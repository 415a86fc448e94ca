/**
 * GOST's own spelling for keys that a file may write in any case. Keys nobody knows stay as they are.
 */
import type { Json } from '../contract/config.ts';
import { isList, isMap } from './gost-values.ts';
import { canonicalOption } from './gost-options.ts';
import { fieldOf, type ShapeName } from './shape.ts';

/** The same data with keys as GOST spells them. */
export function canonical(data: Json): Json {
  return inShape(data, 'config');
}

function inShape(data: Json, shape: ShapeName): Json {
  if (!isMap(data)) return data;
  const result: [string, Json][] = [];
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined) continue;
    const field = fieldOf(shape, key);
    if (field === undefined) {
      result.push([key, value]);
      continue;
    }
    const { of } = field;
    if (of !== undefined)
      result.push([field.key, isList(value) ? value.map((item) => inShape(item, of)) : inShape(value, of)]);
    else result.push([field.key, field.kind === 'metadata' ? options(value) : value]);
  }
  return Object.fromEntries(result);
}

function options(metadata: Json): Json {
  if (!isMap(metadata)) return metadata;
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [canonicalOption(key), value]));
}
