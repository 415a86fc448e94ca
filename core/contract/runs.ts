/**
 * Runs: things a person starts that take a while, tell how they go and can be cancelled. `run.start` gives the run with its id, the event
 * `runs` carries every run that changed, whole, `run.cancel` ends one. To add a kind: its line in `RunRequest` and in `Run`, its schema in
 * core/host/calls.ts, its work in core/host/runs.ts; the compiler names what is missing.
 */
import type { Address } from './address.ts';
import type { WireError } from './errors.ts';
import type { Stage } from './stage.ts';
import type { UdpCheck, UdpProbe } from './udp-check.ts';

/** What to start. Positions of hops and nodes are those of the configuration. */
export type RunRequest =
  /** Dials through a chain on purpose, hop by hop and stage by stage, beside all traffic. `from` null: the whole of it. */
  | {
      readonly kind: 'chain';
      readonly chain: string;
      readonly target: Address;
      readonly from: TestFrom | null;
    }
  /** Dials one node from this computer, without the hops before it. */
  | { readonly kind: 'isolate'; readonly chain: string; readonly hop: number; readonly node: number }
  /** Climbs the UDP ladder of a service as a client of it. `target` null: the built-in echo, where there is no chain. */
  | {
      readonly kind: 'udp';
      readonly service: string;
      readonly probe: UdpProbe;
      readonly target: Address | null;
    };

/** A run as it stands: what it is about, how it goes, what it has found out so far. */
export type Run = {
  readonly id: string;
  readonly startedAt: number;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  readonly endedAt: number | null;
  /** Only when it could not be done at all; what it found out is in `progress`. */
  readonly error: WireError | null;
} & (
  | {
      readonly kind: 'chain';
      readonly about: { readonly chain: string; readonly target: Address; readonly from: TestFrom | null };
      readonly progress: ChainTest | null;
    }
  | {
      readonly kind: 'isolate';
      readonly about: { readonly chain: string; readonly hop: number; readonly node: number };
      readonly progress: IsolateTest | null;
    }
  | {
      readonly kind: 'udp';
      readonly about: { readonly service: string; readonly probe: UdpProbe; readonly target: Address | null };
      readonly progress: UdpCheck | null;
    }
);

/** Where a test enters a chain: at this hop, dialled from this computer as if the hops before it were not there. */
export interface TestFrom {
  readonly hop: number;
  /** The node to begin with; null leaves it to the pick rule. */
  readonly node: number | null;
}

export interface StageTime {
  readonly stage: Stage;
  /** Median over the runs; null while it is going on, and for the stage that failed. */
  readonly ms: number | null;
}

/** A node of a hop, or the target. */
export interface StationTest {
  readonly state: 'waiting' | 'testing' | 'ok' | 'failed' | 'not_reached';
  readonly stages: readonly StageTime[];
  /** From the request for this station to its success; median, smallest and largest over the runs. */
  readonly adds: { readonly ms: number; readonly min: number; readonly max: number } | null;
  /** Runs that tried it, and those of them in which it failed. */
  readonly tried: number;
  readonly failed: number;
  readonly failedAt: Stage | null;
  readonly error: WireError | null;
}

export interface NodeTest extends StationTest {
  readonly name: string;
  /** Position in the configuration. */
  readonly at: number;
  /** The one the measured way goes through. */
  readonly picked: boolean;
}

export interface HopTest {
  readonly name: string;
  /** Position in the configuration. */
  readonly at: number;
  readonly nodes: readonly NodeTest[];
}

export interface ChainTest {
  readonly hops: readonly HopTest[];
  readonly target: StationTest & {
    /** It was connected, but said nothing by itself or when greeted. */
    readonly silent: boolean;
  };
  /** Runs over the whole way that are planned, and that are finished. */
  readonly runs: number;
  readonly finished: number;
  /** Null while it is going on. */
  readonly ok: boolean | null;
  /** Median over the runs that got through. */
  readonly totalMs: number | null;
  /** A bypass of this hop (its name) keeps the target out of the chain: traffic would not take this way. */
  readonly bypassedAt: string | null;
}

export interface IsolateTest {
  readonly node: StationTest;
  /** Null while it is going on. True: the node answers from here, so the way to it is what fails. */
  readonly answers: boolean | null;
}

/** A finished test of a chain as it is kept. */
export interface PastTest {
  readonly at: number;
  readonly target: Address;
  readonly ok: boolean;
  readonly totalMs: number | null;
  /** Where it failed: name of the hop, null when it was the target or nothing. */
  readonly hop: string | null;
  readonly stage: Stage | null;
  readonly error: WireError | null;
}
