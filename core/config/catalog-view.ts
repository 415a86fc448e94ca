/**
 * What configuration needs of the catalog: the four lists of definitions, and for each option its description. The catalog itself is
 * handed in, so that tests can bring their own.
 */
import { globalRegistry, type ZodType } from 'zod';
import type { OptionMeta } from '../options.ts';
import type {
  ConnectorDefinition,
  DialerDefinition,
  HandlerDefinition,
  ListenerDefinition,
  OptionsSchema,
} from '../registry.ts';

export interface Catalog {
  readonly listeners: readonly ListenerDefinition[];
  readonly handlers: readonly HandlerDefinition[];
  readonly dialers: readonly DialerDefinition[];
  readonly connectors: readonly ConnectorDefinition[];
}

/** The part of a definition that does not depend on its role. */
export interface Described {
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly options: OptionsSchema;
}

export interface Option {
  readonly key: string;
  /** The key and its aliases; the first that is present counts. */
  readonly names: readonly string[];
  readonly meta: OptionMeta;
}

/** The definition of a type, by its name or an alias. */
export function definitionOf<D extends Described>(definitions: readonly D[], type: string): D | undefined {
  return definitions.find(
    (definition) => definition.type === type || definition.aliases?.includes(type) === true,
  );
}

export function optionsOf({ options }: Described): Option[] {
  return Object.entries(options.shape).map(([key, schema]) => {
    const meta = metaOf(schema as ZodType); // a ZodObject's shape holds nothing else
    return { key, names: [key, ...meta.aliases], meta };
  });
}

function metaOf(schema: ZodType): OptionMeta {
  const meta = globalRegistry.get(schema);
  if (meta === undefined || !('kind' in meta) || !('aliases' in meta))
    throw new Error('an option was not made by core/options.ts');
  return meta as unknown as OptionMeta; // stored by core/options.ts, which types it
}
