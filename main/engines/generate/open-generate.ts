import type { EngineInit } from '../../../contract/engine';
import type { Engine } from '../runtime/engine';
import { openEngineShell } from '../runtime/engine-shell';
import { vocabularyWords } from '../runtime/prompt';
import { StageTimes } from '../runtime/timing';
import { GenerateEngine } from './generate-engine';
import { GeneratePipeline } from './pipeline';

/**
 * Loads the generate engine: model, loop and the stage's door.
 * @throws StudioError as the model store, the sessions and the socket do.
 */
export async function openGenerateEngine(init: EngineInit): Promise<Engine> {
  const times = new StageTimes();
  const pipeline = await GeneratePipeline.open(init, init.model, init.threads, times);
  const engine = new GenerateEngine(pipeline, times);
  return openEngineShell(init, engine, vocabularyWords(pipeline.vocabulary));
}
