/** The window's forms come from the schemas of the engine: no option may be of a kind they do not draw. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../core/catalog.ts';
import { jsonSchemas } from '../core/config/json-schema.ts';
import { fieldsOf } from '../renderer/form/fields.ts';

test('every option of every listener, handler, dialer and connector is a field of its form', () => {
  let options = 0;
  const schemas = jsonSchemas(catalog);
  for (const role of ['listeners', 'handlers', 'dialers', 'connectors'] as const) {
    for (const schema of Object.values(schemas[role])) {
      const properties = schema.options['properties'];
      const names = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
      options += names.length;
      assert.deepEqual(
        fieldsOf(schema).map(({ name }) => name),
        names,
        `${role} ${schema.type}`,
      );
    }
  }
  assert.ok(options > 200, `only ${options} were found`);
});
