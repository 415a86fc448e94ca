/** How components reach the model and read its stores. Each hook re-renders its component only when what it reads changes. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Model } from '../model.ts';
import type { HostState } from '../store/host.ts';
import type { Signal } from '../store/signal.ts';
import type { TransferState } from '../store/transfer.ts';
import type { UiState } from '../store/ui.ts';

export const ModelContext = createContext<Model | null>(null);

export function useModel(): Model {
  const model = useContext(ModelContext);
  if (model === null) throw new Error('a component was rendered outside ModelContext');
  return model;
}

export function useHost<T>(select: (state: HostState) => T): T {
  return useStore(useModel().host, select);
}

export function useUi<T>(select: (state: UiState) => T): T {
  return useStore(useModel().ui, select);
}

/** Renders again on every change of a live store; what is shown is then read from the store itself. */
export function useSignal(signal: Signal): number {
  return useSyncExternalStore(signal.subscribe, signal.read);
}

export function useTransfer<T>(select: (state: TransferState) => T): T {
  return useStore(useModel().transfer, select);
}
