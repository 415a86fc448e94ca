/** What the host said last: configuration, services, problems, schemas, and how far tests have come. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type {
  LoginState,
  AppInfo,
  ConfigState,
  Problem,
  QuickResult,
  Schemas,
  ServiceState,
  TestStep,
} from '../../core/contract/api.ts';
import type { WireError } from '../../core/contract/errors.ts';
import type { StorageState } from '../../core/contract/traffic.ts';
import type { LinkStatus } from '../bridge/link.ts';
import { NO_TESTS, type Tests } from './tests.ts';

/** A self-test of a service. */
export interface SelfTest {
  readonly running: boolean;
  readonly steps: readonly TestStep[];
  readonly error: WireError | null;
}

export interface HostState {
  readonly link: LinkStatus;
  /** The first answers have come. */
  readonly ready: boolean;
  /** Why they have not. */
  readonly failed: WireError | null;
  readonly info: AppInfo | null;
  readonly schemas: Schemas | null;
  readonly config: ConfigState | null;
  readonly services: readonly ServiceState[];
  readonly problems: readonly Problem[];
  readonly tests: Tests;
  /** By service name. */
  readonly selfTests: Readonly<Record<string, SelfTest>>;
  readonly quick: QuickResult | null;
  /** Start at login; null: not asked yet. */
  readonly login: LoginState | null;
  /** What is kept of the past, and when that was read. */
  readonly storage: (StorageState & { readonly readAt: number }) | null;
  /** Names of services whose start or stop was asked for and not answered. */
  readonly switching: readonly string[];
}

export type HostStore = StoreApi<HostState>;

export function createHostStore(): HostStore {
  return createStore<HostState>(() => ({
    link: 'connecting',
    ready: false,
    failed: null,
    info: null,
    schemas: null,
    config: null,
    services: [],
    problems: [],
    tests: NO_TESTS,
    selfTests: {},
    quick: null,
    login: null,
    storage: null,
    switching: [],
  }));
}
