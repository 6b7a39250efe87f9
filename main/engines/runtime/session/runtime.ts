import type { TurnTaker } from '../turns/turn-taker';
import type { EngineInit, RunningProvider } from '../../../../contract/engine';
import type { StudioErrorShape } from '../../../../contract/errors';
import type { GraphSpec, Sizes } from '../model-contract';
import { openOnnxSession, type OpenSession } from './backend';
import type { Graph } from './graph';
import type { Trial } from './trial';

/** What runs the model at present, and in words why another than the one that was asked for. */
export type Standing = { provider: string; standIn: StudioErrorShape | null };

/** A server that runs the same graphs; `join` gives one that this machine stands in for. */
export type RemoteRuntime = {
  standing(cpu: string): Standing;
  join(spec: GraphSpec, sizes: Sizes, local: Graph): Promise<Graph>;
  close(): void;
};

/** How all graphs of this process are run: an engine process runs one model, on one provider. */
export type SessionRuntime = {
  readonly provider: RunningProvider;
  readonly open: OpenSession;
  /** Why it is not the provider that was named. */
  readonly standIn: StudioErrorShape | null;
  /** While a provider is on trial every graph is held against the processor. */
  readonly trial: Trial | null;
  readonly remote: RemoteRuntime | null;
  /** Where other engines run on the same graphics card: graphs run in turns. */
  readonly turns?: Pick<TurnTaker, 'guard'> | null;
  /** The entry that threads beside the engine's loop are started from; null where there are none. */
  readonly sideEntry?: string | URL | null;
};

let present: SessionRuntime = {
  provider: 'cpu',
  open: openOnnxSession,
  standIn: null,
  trial: null,
  remote: null,
};

/** The runtime of this process; the processor until `init` says otherwise. */
export function sessionRuntime(): SessionRuntime {
  return present;
}

/** Sets the runtime, before the first graph is opened. */
export function useSessionRuntime(runtime: SessionRuntime): void {
  present = runtime;
}

/** What runs the model of this process. */
export function standing(): Standing {
  return (
    present.remote?.standing(present.provider) ?? { provider: present.provider, standIn: present.standIn }
  );
}

/** Makes the runtime that an engine is asked to run on; rejects with `provider.absent`. */
export type MakeRuntime = (init: EngineInit) => Promise<SessionRuntime>;
