/**
 * What a window may send with each call, as schemas: everything that crosses the contract is parsed here and then trusted.
 * JSON values are bounded in depth and may not name the prototype.
 */
import * as z from 'zod';
import type { CallName, Calls } from '../contract/api.ts';
import type { Json } from '../contract/config.ts';
import { UDP_PROBES } from '../contract/udp-check.ts';

const MAX_DEPTH = 64;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

const json = z.custom<Json>((value) => isJson(value, MAX_DEPTH), 'is not plain JSON');
const key = z
  .string()
  .max(1024)
  .refine((text) => !FORBIDDEN_KEYS.has(text));
const index = z.int().min(0).max(100_000);
const path = z.array(z.union([key, index])).max(MAX_DEPTH);
const edits = z
  .array(
    z.discriminatedUnion('op', [
      z.strictObject({ op: z.literal('set'), path, value: json }),
      z.strictObject({ op: z.literal('remove'), path }),
      z.strictObject({ op: z.literal('insert'), path, index, value: json, from: path.exactOptional() }),
      z.strictObject({ op: z.literal('move'), path, from: index, to: index }),
    ]),
  )
  .max(1000);
const revision = z.int().nonnegative();
const name = z.string().max(1024);
const uri = z.string().max(8192);
const port = z.int().min(1).max(65_535);
const address = z.strictObject({ host: z.string().min(1).max(255), port });

const label = z.string().max(200);
/** A little over the limit of the reader, so that a text that is too large is said to be so. */
const text = z.string().max((1 << 20) + (1 << 16));
const source = z.strictObject({
  name: z.string().max(255),
  text,
  list: z.enum(['hop', 'chains']),
  dialect: z.enum(['v3', 'v2']),
});
const id = z.string().max(1024);

export const ARGUMENTS = {
  'app.info': z.null(),
  'schema.get': z.null(),
  'config.get': z.null(),
  'config.text': z.null(),
  'config.check': z.strictObject({ revision, edits }),
  'config.edit': z.strictObject({ revision, edits, label }),
  'config.undo': z.null(),
  'config.redo': z.null(),
  'config.write': z.strictObject({ revision, text, label }),
  'config.checkText': z.strictObject({ text }),
  'config.export': z.strictObject({
    format: z.enum(['yaml', 'json', 'uris', 'command']),
    paths: z.array(path).max(10_000).nullable(),
    secrets: z.boolean(),
  }),
  'config.link': z.strictObject({ path: z.string().min(1).max(4096).nullable() }),
  'config.conflict': z.null(),
  'config.settle': z.strictObject({ text, label }),
  'schema.file': z.null(),
  'import.review': z.strictObject({ source, repair: z.enum(['tabs', 'duplicates']).nullable(), edits }),
  'import.apply': z.strictObject({
    revision,
    source,
    choice: z.strictObject({
      take: z.array(id).max(100_000),
      clashes: z.record(key, z.enum(['rename', 'replace'])),
    }),
    label,
  }),
  'snapshots.list': z.null(),
  'snapshots.diff': z.strictObject({ id }),
  'snapshots.restore': z.strictObject({ revision, id, label }),
  'services.list': z.null(),
  'service.start': z.strictObject({ name }),
  'service.stop': z.strictObject({ name }),
  'quick.start': z.strictObject({ port: port.nullable() }),
  'selftest.run': z.strictObject({ service: name }),
  'port.check': z.strictObject({ service: name.nullable(), host: z.string().max(255), port }),
  'host.addresses': z.null(),
  'uri.preview': z.strictObject({ uri }),
  'quick.addHop': z.strictObject({ service: name, uri }),
  'uri.node': z.strictObject({ uri }),
  'clip.copy': z.strictObject({ paths: z.array(path).max(1000) }),
  'clip.read': z.strictObject({ text }),
  'run.start': z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('chain'),
      chain: name,
      target: address,
      from: z.strictObject({ hop: index, node: index.nullable() }).nullable(),
    }),
    z.strictObject({ kind: z.literal('isolate'), chain: name, hop: index, node: index }),
    z.strictObject({
      kind: z.literal('udp'),
      service: name,
      probe: z.enum(UDP_PROBES),
      target: address.nullable(),
    }),
  ]),
  'run.cancel': z.strictObject({ id: z.string().max(64) }),
  'chain.tests': z.strictObject({ chain: name }),
  'pins.list': z.null(),
  'pins.forget': z.strictObject({ peer: name }),
  'connection.close': z.strictObject({ ids: z.array(z.string().max(64)).max(100_000) }),
  'service.naming': z.strictObject({ name }),
  'connection.detail': z.strictObject({ id: z.string().max(64) }),
  'connections.recent': z.null(),
  'log.recent': z.strictObject({ after: revision, before: revision.optional() }),
  'traffic.history': z.strictObject({
    range: z.enum(['5min', '1h', '24h', '30d']),
    by: z.enum(['service', 'chain']),
  }),
  'traffic.totals': z.strictObject({
    period: z.enum(['today', '7d', '30d', 'reset']),
    kind: z.enum(['all', 'service', 'chain', 'node', 'host', 'process']),
  }),
  'traffic.clear': z.null(),
  'storage.get': z.null(),
  'folder.open': z.strictObject({ folder: z.enum(['data', 'logs']) }),
  'diagnostics.report': z.null(),
  'log.capture': z.strictObject({ detail: z.boolean() }),
  'storage.set': z.strictObject({ days: z.int().min(1).max(3650), mb: z.int().min(1).max(10_000) }),
  'problems.list': z.null(),
  'login.get': z.null(),
  'login.set': z.strictObject({ on: z.boolean() }),
} as const satisfies { [K in CallName]: z.ZodType<Calls[K]['in']> };

function isJson(value: unknown, depth: number): value is Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth - 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.entries(value).every(([at, item]) => !FORBIDDEN_KEYS.has(at) && isJson(item, depth - 1));
}
