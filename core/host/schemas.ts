/** The catalog as JSON Schema, for forms: what every component is called, can do and may be told. */
import * as z from 'zod';
import type { ComponentSchema, Schemas } from '../contract/api.ts';
import type { Facts, OptionsSchema } from '../registry.ts';

/** What a definition of any role shows of itself. */
interface Described {
  readonly type: string;
  readonly title: string;
  readonly summary: string;
  readonly facts: Facts;
  readonly options: OptionsSchema;
}

type Role = 'handlers' | 'listeners' | 'connectors' | 'dialers';

/** All components by role and type. Made once: it does not change while the program runs. */
export function schemasOf(catalog: Readonly<Record<Role, readonly Described[]>>): Schemas {
  const role = (definitions: readonly Described[]): Record<string, ComponentSchema> => {
    return Object.fromEntries(
      definitions.map(({ type, title, summary, facts, options }) => {
        const schema = z.toJSONSchema(options, { io: 'input' });
        return [type, { type, title, summary, facts, options: { ...schema } }];
      }),
    );
  };
  return {
    handlers: role(catalog.handlers),
    listeners: role(catalog.listeners),
    connectors: role(catalog.connectors),
    dialers: role(catalog.dialers),
  };
}
