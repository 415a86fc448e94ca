/** Says whose a port is that a service could not have, and which one is free instead. Asked for once per failure, beside everything else. */
import type { ServiceState } from '../contract/api.ts';
import { ProxyError } from '../errors.ts';
import { portNear } from './free-port.ts';

interface Conflict {
  readonly port: number;
  readonly done: Promise<void>;
  owner: string;
  free: number | null;
}

export class PortConflicts {
  readonly #ownerOf: (port: number) => Promise<string | null>;
  readonly #changed: () => void;
  readonly #known = new Map<string, Conflict>();

  constructor(ownerOf: (port: number) => Promise<string | null>, changed: () => void) {
    this.#ownerOf = ownerOf;
    this.#changed = changed;
  }

  /** Takes note of the present states; forgets services that are well again. */
  update(states: readonly ServiceState[]): void {
    for (const state of states) {
      const port = conflictingPort(state);
      const known = this.#known.get(state.name);
      if (port === null) this.#known.delete(state.name);
      else if (known?.port !== port) this.#look(state.name, port);
    }
  }

  /** Waits until every conflict known so far has its answer. */
  async settled(): Promise<void> {
    await Promise.all([...this.#known.values()].map(({ done }) => done));
  }

  /** The state with the owner's name in its error. */
  explained(state: ServiceState): ServiceState {
    const conflict = this.#known.get(state.name);
    if (conflict === undefined || state.error?.code !== 'port_in_use') return state;
    const error = new ProxyError('port_in_use', {
      ...state.error.detail,
      port: conflict.port,
      owner: conflict.owner,
    });
    return { ...state, error: error.toWire() };
  }

  freePort(service: string): number | null {
    return this.#known.get(service)?.free ?? null;
  }

  #look(service: string, port: number): void {
    const look = async (): Promise<void> => {
      const [owner, free] = await Promise.all([this.#ownerOf(port), portNear(port)]);
      conflict.owner = owner ?? conflict.owner;
      conflict.free = free;
      this.#changed();
    };
    const conflict: Conflict = {
      port,
      owner: 'another program',
      free: null,
      done: Promise.resolve().then(look),
    };
    this.#known.set(service, conflict);
  }
}

function conflictingPort({ state, error }: ServiceState): number | null {
  if (state !== 'failed' || (error?.code !== 'port_in_use' && error?.code !== 'port_denied')) return null;
  const port = error.detail?.['port'];
  return typeof port === 'number' ? port : null;
}
