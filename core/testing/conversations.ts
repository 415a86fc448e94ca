/** The files of core/testing/vectors/captured: conversations of real GOST as a tap recorded them. captured.ts and recorded.ts play them. */
import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod';

const FOLDER = new URL('./vectors/captured/', import.meta.url);

const Frame = z.object({
  /** `c2s`, `s2c`, the same behind `udp `, or `note`: what somebody beside the connection did. */
  dir: z.enum(['c2s', 's2c', 'udp c2s', 'udp s2c', 'note']),
  hex: z.string().default(''),
  note: z.string().default(''),
  /** Plain bytes inside of TLS. */
  tls: z.boolean().default(false),
  hop: z.number().default(1),
  conn: z.number().default(1),
});
const Conversation = z.object({
  name: z.string(),
  frames: z.array(Frame),
  upstream_text: z.array(z.string()).default([]),
  /** Where it began with TLS, whose keys are gone. */
  clientHello: z.string().default(''),
});
export type Frame = z.output<typeof Frame>;
export type Conversation = z.output<typeof Conversation>;

/** The conversations of one file, in its order. */
export function conversationsIn(file: string): Conversation[] {
  return z.array(Conversation).parse(JSON.parse(readFileSync(new URL(`${file}.json`, FOLDER), 'utf8')));
}

/** Every file of the folder, for the test that none is forgotten. */
export function vectorFiles(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.replace(/\.json$/, ''))
    .toSorted();
}
