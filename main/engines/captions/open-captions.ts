import type { EngineInit } from '../../../contract/engine';
import type { Engine, EngineVoice } from '../runtime/engine';
import { openEngineShell } from '../runtime/engine-shell';
import { StageTimes } from '../runtime/timing';
import { CaptionsEngine } from './captions-engine';
import { CaptionsModel } from './captions-model';

/**
 * Loads the captions engine: model, loop and the door for sound.
 * @throws StudioError as the model store, the sessions and the socket do.
 */
export async function openCaptionsEngine(init: EngineInit, voice: EngineVoice): Promise<Engine> {
  const model = await CaptionsModel.open(init, init.model, init.threads);
  return openEngineShell(init, new CaptionsEngine(model, new StageTimes(), voice));
}
