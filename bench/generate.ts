import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { freePort } from '../e2e/peers/nginx-rtmp';
import { recordRun } from './lib/bench-studio';
import { figure, publish, type Figure } from './lib/figures';
import { hasShipped, measureEngine } from './lib/generate-engine';
import { secondsOf } from './lib/options';
import { PageInput } from './lib/page-input';

const PROMPTS = ['city night rain neon', 'sea fog boat', 'mountains dusk', 'city day', 'sea night'];
const PROMPT_FIELD = '.prompt input';
/** Longer than a prompt takes on a busy machine: one that is overtaken by the next is not measured. */
const PROMPT_EVERY_MS = 6000;
const QUALITY = resolve('native-models/models/scenes/quality.json');
/** Below this the film is not live; the floor beside the running programme. */
const LEAST_FPS = 6;
/** Long enough for 10,000 frames of the shipped model on two cores. */
const LONG_RUN_SECONDS = 1800;

/** What the bench quotes of the figures that training measured. */
const QualitySchema = v.object({
  heldOut: v.object({ words: v.record(v.string(), v.object({ right: v.number(), n: v.number() })) }),
  drift: v.object({ seconds: v.number(), lastOverFirst: v.object({ wordsRight: v.number() }) }),
});

/**
 * The generate engine by itself, then beside a running, recording 720p programme with a new
 * prompt every six seconds, then what training measured of the model. `--seconds N` bounds
 * both measurements.
 */
export async function bench(args: readonly string[] = []): Promise<void> {
  const shipped = hasShipped();
  if (!shipped)
    console.log('The shipped model is not there: the tiny random one is measured, without the studio.');
  const engine = await measureEngine(shipped, secondsOf(args, LONG_RUN_SECONDS));
  const studio = shipped ? await measureStudio(secondsOf(args, 60)) : { provider: 'cpu', figures: [] };
  publish('generate', studio.provider, [...studio.figures, ...engine, ...qualityFigures()]);
  const fps = studio.figures.find(({ id }) => id === 'fps');
  if (fps && fps.value < LEAST_FPS) {
    console.log(
      `WARNING: the engine made ${fps.value.toFixed(1)} frames a second; at least ${LEAST_FPS} are wanted.`,
    );
  }
}

/** Frames a second and prompt→pixel in the real studio. */
async function measureStudio(seconds: number): Promise<{ provider: string; figures: Figure[] }> {
  const port = await freePort();
  const run = await recordRun({ source: 'generate', animated: false }, seconds, {
    chromiumArgs: `--remote-debugging-port=${port}`,
    during: async (studio) => {
      const hands = await PageInput.connect(port, new URL(studio.url).origin);
      try {
        await changePrompts(hands, seconds);
      } finally {
        hands.close();
      }
    },
  });
  const engine = run.stats.flatMap((s) => s.engines).filter((e) => e.engine === 'generate');
  // The stage keeps its last hundred changes, so its last reading has them all.
  const prompt = engine.findLast((e) => e.knobToPixelMs !== null)?.knobToPixelMs;
  if (!prompt) {
    const fps = engine.map((e) => e.fps.toFixed(1)).join(', ');
    throw new Error(`No prompt reached the programme; frames a second were: ${fps}. Give it more --seconds.`);
  }
  const typed = `${prompt.n} prompts typed in the real page, from the input event's own time, as cuts`;
  const stages = Object.keys(engine.at(-1)?.stagesMs ?? {});
  return {
    provider: run.provider ?? 'unknown',
    figures: [
      figure(
        'fps',
        'fps',
        'higher',
        engine.map((e) => e.fps),
        { against: 'distinct made frames beside a running 720p programme, before interpolation' },
      ),
      figure('promptToPixelP50Ms', 'ms', 'lower', [prompt.p50], { against: typed }),
      figure('promptToPixelP95Ms', 'ms', 'lower', [prompt.p95], { against: typed }),
      figure(
        'programmeFps',
        'fps',
        'target',
        run.stats.map((s) => s.fps),
        { against: '30 fps' },
      ),
      ...stages.map((name) =>
        figure(
          `stage_${name}Ms`,
          'ms',
          'lower',
          engine.map((e) => e.stagesMs[name] ?? 0),
        ),
      ),
    ],
  };
}

/** One prompt after the other, typed at once. */
async function changePrompts(hands: PageInput, seconds: number): Promise<void> {
  const endMs = performance.now() + 1000 * seconds - PROMPT_EVERY_MS;
  for (let i = 0; performance.now() < endMs; i++) {
    await hands.focus(PROMPT_FIELD);
    await hands.insert(PROMPTS[i % PROMPTS.length]!);
    await new Promise((done) => setTimeout(done, PROMPT_EVERY_MS));
  }
}

/** Scene words recognised on held-out combinations, and how many of them are left after a minute. */
function qualityFigures(): Figure[] {
  if (!existsSync(QUALITY)) return [];
  const { heldOut, drift } = v.parse(QualitySchema, JSON.parse(readFileSync(QUALITY, 'utf8')));
  const words = Object.values(heldOut.words);
  const asked = words.reduce((sum, { n }) => sum + n, 0);
  const right = words.reduce((sum, word) => sum + word.right, 0);
  return [
    figure(
      'sceneAccuracy',
      'share',
      'higher',
      words.map((word) => word.right / Math.max(1, word.n)),
      {
        value: right / asked,
        against: `${asked} words of held-out combinations, named by the probe (quality.json)`,
      },
    ),
    figure('driftScore', '×', 'target', [drift.lastOverFirst.wordsRight], {
      against: `words right in the last 15 s over the first, shows of ${drift.seconds} s (quality.json)`,
    }),
  ];
}
