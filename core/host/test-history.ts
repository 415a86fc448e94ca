/**
 * The last tests of every chain, beside the configuration: what the dots below a chain show. One small versioned file; one that can not be
 * read is no loss and is written anew.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { writeAtomic } from '../config/atomic.ts';
import { ERRORS, type ErrorCode } from '../contract/errors.ts';
import type { PastTest, Run } from '../contract/runs.ts';
import type { Stage } from '../contract/stage.ts';
import type { Log } from '../log.ts';

const MAX_TESTS = 20;
const MAX_CHAINS = 500;
const STAGES = [
  'resolve',
  'connect',
  'tls',
  'transport',
  'method',
  'sign_in',
  'request',
  'first_byte',
] as const satisfies readonly Stage[];

const past = z.object({
  at: z.number(),
  target: z.object({ host: z.string(), port: z.number() }),
  ok: z.boolean(),
  totalMs: z.number().nullable(),
  hop: z.string().nullable(),
  stage: z.enum(STAGES).nullable(),
  error: z
    .object({
      code: z.custom<ErrorCode>((code) => typeof code === 'string' && Object.hasOwn(ERRORS, code)),
      message: z.string(),
      detail: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
    })
    .nullable(),
});
const file = z.object({ version: z.literal(1), chains: z.record(z.string(), z.array(past)) });

export class TestHistory {
  readonly #path: string | null;
  readonly #log: Log;
  #chains: Promise<Map<string, readonly PastTest[]>> | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  /** Null keeps the history for this run only. */
  constructor(folder: string | null, log: Log) {
    this.#path = folder === null ? null : join(folder, 'chain-tests.json');
    this.#log = log;
  }

  /** The tests of a chain, the oldest first. */
  async of(chain: string): Promise<PastTest[]> {
    return [...((await this.#loaded()).get(chain) ?? [])];
  }

  /** Keeps a finished test of a whole chain; anything else is ignored. */
  add(run: Run): void {
    if (run.kind !== 'chain' || run.progress === null || run.about.from !== null) return;
    const { about, startedAt, progress } = run;
    const hop = progress.hops.find(({ nodes }) => nodes.some((node) => node.picked && node.failed > 0));
    const node = hop?.nodes.find((each) => each.picked && each.failed > 0) ?? progress.target;
    const test: PastTest = {
      at: startedAt,
      target: about.target,
      ok: progress.ok === true,
      totalMs: progress.totalMs,
      hop: hop?.name ?? null,
      stage: node.failedAt,
      error: node.error,
    };
    this.#turn = this.#turn
      .then(() => this.#keep(about.chain, test))
      .catch((error: unknown) => this.#log.warn('test_not_kept', { error }));
  }

  /** Resolves when everything is on disk. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  async #keep(chain: string, test: PastTest): Promise<void> {
    const chains = await this.#loaded();
    const tests = [...(chains.get(chain) ?? []), test].slice(-MAX_TESTS);
    chains.delete(chain); // the chain tested last comes last, and stays longest
    chains.set(chain, tests);
    for (const oldest of [...chains.keys()].slice(0, Math.max(0, chains.size - MAX_CHAINS)))
      chains.delete(oldest);
    if (this.#path === null) return;
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await writeAtomic(this.#path, `${JSON.stringify({ version: 1, chains: Object.fromEntries(chains) })}\n`);
  }

  #loaded(): Promise<Map<string, readonly PastTest[]>> {
    this.#chains ??= this.#load();
    return this.#chains;
  }

  async #load(): Promise<Map<string, readonly PastTest[]>> {
    if (this.#path === null) return new Map();
    try {
      return new Map(Object.entries(file.parse(JSON.parse(await readFile(this.#path, 'utf8'))).chains));
    } catch {
      return new Map(); // none yet, or none that can be read
    }
  }
}
