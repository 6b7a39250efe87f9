import type { EngineInit } from '../../../contract/engine';
import type { Engine, EngineVoice } from '../runtime/engine';
import { openEngineShell } from '../runtime/engine-shell';
import { StageTimes } from '../runtime/timing';
import { BinauralEngine } from './binaural-engine';
import { planSolver } from './solver';
import { openVelocityNetwork } from './velocity-graph';

/** Evaluations of the network for each chunk of the programme. */
const EVALUATIONS = 1;

/**
 * Loads the binaural engine: model, loop and the door for sound.
 * @throws StudioError as the model store, the sessions and the socket do.
 */
export async function openBinauralEngine(init: EngineInit, voice: EngineVoice): Promise<Engine> {
  const times = new StageTimes();
  const network = await openVelocityNetwork(init, init.model, init.threads);
  const plan = planSolver(EVALUATIONS, network.contract.t0);
  return openEngineShell(init, new BinauralEngine(network, plan, times, voice));
}
