/**
 * Names of one object in another. GOST drops a name that leads nowhere without a word, so that a service without its chain connects directly;
 * here whoever needs a missing or unusable object does not run, and is told.
 */
import type { Path } from '../contract/config.ts';
import { fix, pathText, type Findings } from './findings.ts';
import { nearest } from './gost-types.ts';
import type { Section } from './section.ts';

export type Kind =
  'chain' | 'bypass' | 'admission' | 'resolver' | 'hosts' | 'auther' | 'limiter' | 'climiter' | 'rlimiter';

/** The section of the file that holds the objects of a kind. */
const LISTS: Readonly<Record<Kind, string>> = {
  chain: 'chains',
  bypass: 'bypasses',
  admission: 'admissions',
  resolver: 'resolvers',
  hosts: 'hosts',
  auther: 'authers',
  limiter: 'limiters',
  climiter: 'climiters',
  rlimiter: 'rlimiters',
};

export class References {
  readonly #usable: Map<Kind, ReadonlySet<string>>;
  readonly #written: ReadonlyMap<Kind, ReadonlySet<string>>;
  readonly #findings: Findings;

  /** The same objects for somebody whose findings are collected apart. */
  saidTo(findings: Findings): References {
    return new References(this.#written, findings, this.#usable);
  }

  static of(config: Section, findings: Findings): References {
    const kinds = Object.entries(LISTS) as [Kind, string][]; // entries of a Record<Kind, string>
    const written = new Map(
      kinds.map(([kind, list]) => [
        kind,
        new Set(config.sections(list).map((section) => section.text('name'))),
      ]),
    );
    return new References(written, findings, new Map());
  }

  private constructor(
    written: ReadonlyMap<Kind, ReadonlySet<string>>,
    findings: Findings,
    usable: Map<Kind, ReadonlySet<string>>,
  ) {
    this.#written = written;
    this.#findings = findings;
    this.#usable = usable;
  }

  /** Tells which objects of a kind can be used; before that, all that are written count as usable. */
  settle(kind: Kind, names: Iterable<string>): void {
    this.#usable.set(kind, new Set(names));
  }

  /** Blocks the owner of each name below `one` or `many` that leads nowhere. */
  check(section: Section, kind: Kind, one: string, many?: string): void {
    const single = section.text(one);
    if (single !== '') this.#checkName(kind, single, [...section.path, one]);
    if (many === undefined) return;
    for (const [index, name] of section.texts(many).entries())
      this.#checkName(kind, name, [...section.path, many, index]);
  }

  #checkName(kind: Kind, name: string, path: Path): void {
    const written = this.#written.get(kind) ?? new Set();
    const usable = this.#usable.get(kind) ?? written;
    if (usable.has(name)) return;
    if (written.has(name)) {
      this.#findings.add(
        'blocks',
        'depends',
        path,
        `${pathText(path)}: the ${kind} ${name} can not be used, so this can not run without harm.`,
      );
      return;
    }
    const near = nearest(name, usable);
    const meant = near === null ? '' : ` Did you mean ${near}?`;
    const remarks =
      near === null ? {} : { fix: fix(`Write ${near}`, { op: 'set' as const, path, value: near }) };
    this.#findings.add(
      'blocks',
      'dangling',
      path,
      `There is no ${kind} ${name} in ${LISTS[kind]}. GOST would carry on without it; this does not run.${meant}`,
      remarks,
    );
  }
}
