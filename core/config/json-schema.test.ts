import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { catalog } from '../catalog.ts';
import { jsonSchemas } from './json-schema.ts';

const property = z.looseObject({
  title: z.string().min(1),
  description: z.string().min(1),
  kind: z.enum(['boolean', 'integer', 'duration', 'text', 'list', 'map']),
  default: z.unknown(),
  aliases: z.array(z.string()),
});
const component = z.looseObject({ type: z.literal('object'), properties: z.record(z.string(), property) });

test('every option of every component has what a form needs', () => {
  const schemas = jsonSchemas(catalog);
  for (const role of ['handlers', 'listeners', 'connectors', 'dialers'] as const) {
    assert.deepEqual(Object.keys(schemas[role]).sort(), catalog[role].map(({ type }) => type).sort());
    for (const [type, schema] of Object.entries(schemas[role])) {
      const { properties } = component.parse(schema.options);
      for (const [key, option] of Object.entries(properties))
        assert.ok('default' in option, `${role} ${type} ${key}`);
    }
  }
  assert.deepEqual(structuredClone(schemas), schemas);
});

test('defaults stand in the schema as the engine uses them', () => {
  const { properties } = component.parse(jsonSchemas(catalog).handlers['socks5']?.options);
  assert.equal(properties['udp']?.default, false);
  assert.equal(properties['udpBufferSize']?.default, 4096);
});
