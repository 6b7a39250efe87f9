import type { EngineInit } from '../../../contract/engine';
import type { Engine } from '../runtime/engine';
import { openEngineShell } from '../runtime/engine-shell';
import { vocabularyWords } from '../runtime/prompt';
import { StageTimes } from '../runtime/timing';
import { AnimateEngine, type Job } from './animate-engine';
import { AnimatePipeline } from './pipeline';

/**
 * Loads the animate engine: model, loop and the stage's door.
 * @throws StudioError as the model store, the sessions and the socket do.
 */
export async function openAnimateEngine(init: EngineInit): Promise<Engine> {
  const times = new StageTimes();
  const pipeline = await AnimatePipeline.open<Job>(init, init.model, init.threads, times);
  const engine = new AnimateEngine(pipeline, times);
  return openEngineShell(init, engine, vocabularyWords(pipeline.vocabulary));
}
