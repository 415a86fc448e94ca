/**
 * The options of every component as JSON Schema 2020-12, for forms: titles, descriptions, defaults and kinds survive from core/options.ts.
 */
import * as z from 'zod';
import type { ComponentSchema, Schemas } from '../contract/api.ts';
import type { Facts } from '../registry.ts';
import type { Catalog, Described } from './catalog-view.ts';

type Definition = Described & { readonly title: string; readonly summary: string; readonly facts: Facts };

/** By role and type; an alias has no entry of its own. */
export function jsonSchemas({ handlers, listeners, connectors, dialers }: Catalog): Schemas {
  return {
    handlers: byType(handlers),
    listeners: byType(listeners),
    connectors: byType(connectors),
    dialers: byType(dialers),
  };
}

function byType(definitions: readonly Definition[]): Record<string, ComponentSchema> {
  return Object.fromEntries(
    definitions.map(({ type, title, summary, options, facts }) => [
      type,
      { type, title, summary, options: { ...z.toJSONSchema(options, { io: 'input' }) }, facts },
    ]),
  );
}
