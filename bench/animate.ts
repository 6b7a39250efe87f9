import type { StudioProcess } from '../e2e/helpers/studio-process';
import { recordRun } from './lib/bench-studio';
import { figure, publish, type Figure } from './lib/figures';

const SECONDS = 20;
const PROMPTS = ['watercolour golden', 'neon night rain', 'papercut dusk snow', 'thermal', 'sketch pale'];

/** The animate engine beside a running, recording 720p programme; a prompt change each second. */
export async function bench(): Promise<void> {
  const { stats } = await recordRun(true, SECONDS, changePrompts);
  const engine = stats.flatMap((s) => s.engines);
  const stages = Object.keys(engine.at(-1)?.stagesMs ?? {});
  const knob = engine.flatMap((e) => (e.knobToPixelMs ? [e.knobToPixelMs] : []));
  const figures: Figure[] = [
    figure(
      'fps',
      'fps',
      'higher',
      engine.map((e) => e.fps),
      { against: 'distinct pictures beside a running 720p programme' },
    ),
    figure(
      'knobToPixelP50Ms',
      'ms',
      'lower',
      knob.map((k) => k.p50),
    ),
    figure(
      'knobToPixelP95Ms',
      'ms',
      'lower',
      knob.map((k) => k.p95),
    ),
    figure(
      'knobToPixelP95Frames',
      'frames',
      'lower',
      knob.map((k) => (k.p95 * 30) / 1000),
    ),
    figure(
      'ageP95Ms',
      'ms',
      'lower',
      engine.flatMap((e) => (e.ageMs ? [e.ageMs.p95] : [])),
    ),
    figure(
      'dropped',
      'pictures/s',
      'lower',
      engine.map((e) => e.dropped),
    ),
    figure(
      'programmeFps',
      'fps',
      'target',
      stats.map((s) => s.fps),
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
  ];
  publish('animate', 'cpu', figures);
}

/** Inputs are timed by the studio's clock: the version's own command time stands for the knob. */
async function changePrompts(studio: StudioProcess): Promise<void> {
  for (let i = 0; i < SECONDS - 1; i++) {
    const nowUs = await programmeNowUs(studio);
    const prompt = PROMPTS[i % PROMPTS.length]!;
    await studio.command({ type: 'engine.update', layerId: 'camera', patch: { prompt } }, nowUs);
    await new Promise((done) => setTimeout(done, 1000));
  }
}

/** Programme time: a film's origin is set to it at a seek to 0, so a seek reads the clock. */
async function programmeNowUs(studio: StudioProcess): Promise<number> {
  const version = await studio.command({ type: 'layer.seek', layerId: 'title', positionUs: 0 });
  await studio.until('seek', (s) => s.version >= version);
  return studio.state.layers['title']!.originUs;
}
