/** What nodes of a hop and targets of a forwarder share: where they are, and how one of several is chosen. */
import type { Json } from '../contract/config.ts';
import { parseAddress } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import type { NodePlan, SelectorPlan } from '../plan.ts';
import { fix, pathText, type Findings } from './findings.ts';
import { nearest } from './gost-types.ts';
import { firstOf, readBoolean, readInteger, readMetadataDuration } from './gost-values.ts';
import { metadataOf } from './read-options.ts';
import type { Section } from './section.ts';

const DEFAULT_SELECTOR: SelectorPlan = { strategy: 'round', maxFails: 1, failTimeoutMs: 10_000 };

/** Where a node or target is; without a host it is this computer, as in GOST. Null with a finding when it is unreadable. */
export function readTarget(section: Section, findings: Findings): Address | null {
  const written = section.text('addr').trim();
  const path = [...section.path, 'addr'];
  if (written === '') {
    findings.add(
      'blocks',
      'no_address',
      section.path,
      `${pathText(section.path)} has no address. Write addr: host:port.`,
    );
    return null;
  }
  const address = parseAddress(written);
  if (address === null || address.port === 0) {
    findings.add(
      'blocks',
      'bad_address',
      path,
      `"${written}" is not an address; write it as host:port, IPv6 in brackets.`,
      addressFix(written, path),
    );
    return null;
  }
  return address.host === '' ? { host: '127.0.0.1', port: address.port } : address;
}

/** Offers the colon to somebody who wrote a bare port. */
export function addressFix(
  written: string,
  path: readonly (string | number)[],
): { fix?: ReturnType<typeof fix> } {
  return /^\d{1,5}$/.test(written)
    ? { fix: fix(`Write :${written}`, { op: 'set', path, value: `:${written}` }) }
    : {};
}

const STRATEGIES: Readonly<Record<string, SelectorPlan['strategy']>> = {
  round: 'round',
  rr: 'round',
  random: 'random',
  rand: 'random',
  fifo: 'fifo',
  ha: 'fifo',
  hash: 'hash',
};
const MISSING_STRATEGIES = new Set(['parallel', 'lowestlatency', 'lowest', 'll']);

export function readSelector(section: Section, findings: Findings): SelectorPlan {
  const written = section.text('strategy');
  const strategy = Object.hasOwn(STRATEGIES, written) ? STRATEGIES[written] : undefined;
  const path = [...section.path, 'strategy'];
  if (written !== '' && strategy === undefined) {
    if (MISSING_STRATEGIES.has(written)) {
      findings.add(
        'changes',
        'unsupported',
        path,
        `Sockeye has no strategy ${written}; the proxies take turns (round).`,
      );
    } else {
      const near = nearest(written, Object.keys(STRATEGIES));
      findings.add(
        'hint',
        'unknown_value',
        path,
        `There is no strategy ${written}, in GOST neither; the proxies take turns (round).`,
        near === null ? {} : { fix: fix(`Write ${near}`, { op: 'set', path, value: near }) },
      );
    }
  }
  const maxFails = section.integer('maxFails') ?? 0;
  const failTimeoutMs = section.duration('failTimeout') ?? 0;
  return {
    strategy: strategy ?? DEFAULT_SELECTOR.strategy,
    maxFails: maxFails > 0 ? maxFails : DEFAULT_SELECTOR.maxFails,
    failTimeoutMs: failTimeoutMs > 0 ? failTimeoutMs : DEFAULT_SELECTOR.failTimeoutMs,
  };
}

/** What the metadata of a node or target says about choosing it. */
export function nodeOptions(
  section: Section,
): Pick<NodePlan, 'weight' | 'backup' | 'maxFails' | 'failTimeoutMs'> {
  const metadata = metadataOf(section.data);
  const value = (key: string): Json | undefined => firstOf(metadata, [key])?.[1];
  const weight = readInteger(value('weight') ?? 1).value ?? 1;
  const maxFails = readInteger(value('maxFails') ?? 0).value ?? 0;
  const failTimeoutMs = readMetadataDuration(value('failTimeout') ?? 0).value ?? 0;
  return {
    weight: weight > 0 ? weight : 1,
    backup: readBoolean(value('backup') ?? false).value ?? false,
    maxFails: maxFails > 0 ? maxFails : null,
    failTimeoutMs: failTimeoutMs > 0 ? failTimeoutMs : null,
  };
}
