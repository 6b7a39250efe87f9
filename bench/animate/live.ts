import { freePort } from '../../e2e/peers/nginx-rtmp';
import { recordRun } from '../lib/bench-studio';
import { figure, type Figure } from '../lib/figures';
import { PageInput } from '../lib/page-input';

const PROMPTS = ['synthwave dusk', 'mosaic vivid', 'blueprint night', 'thermal', 'sketch pale'];
const PROMPT_FIELD = '.prompt input';
const STRENGTH = '.deck .amount [role="slider"]';
const ARROW_LEFT = 37;
const ARROW_RIGHT = 39;
/** Below this the engine is not live; the floor for two cores. */
const LEAST_FPS = 15;

/**
 * The animate engine beside a running, recording 720p programme; a knob or prompt change each second.
 * @returns its figures, and what runs the model.
 */
export async function measureLive(seconds: number): Promise<{ figures: Figure[]; provider: string }> {
  const port = await freePort();
  const { stats, provider } = await recordRun({ source: 'camera', animated: true }, seconds, {
    chromiumArgs: `--remote-debugging-port=${port}`,
    during: async (studio) => {
      const hands = await PageInput.connect(port, new URL(studio.url).origin);
      try {
        await changeKnobs(hands, seconds);
      } finally {
        hands.close();
      }
    },
  });
  const engine = stats.flatMap((s) => s.engines);
  const stages = Object.keys(engine.at(-1)?.stagesMs ?? {});
  // The stage keeps its last hundred changes, so its last reading has them all.
  const knob = engine.findLast((e) => e.knobToPixelMs !== null)?.knobToPixelMs;
  if (!knob) throw new Error('No change reached the programme: the engine gave no new picture.');
  const changes = `${knob.n} prompts typed and slider keys in the real page, from the input event's own time`;
  const age = engine.findLast((e) => e.ageMs !== null)?.ageMs;
  const fps = figure(
    'fps',
    'fps',
    'higher',
    engine.map((e) => e.fps),
    { against: 'distinct pictures beside a running 720p programme' },
  );
  const figures: Figure[] = [
    fps,
    figure('knobToPixelP50Ms', 'ms', 'lower', [knob.p50], { against: changes }),
    figure('knobToPixelP95Ms', 'ms', 'lower', [knob.p95], { against: changes }),
    figure('knobToPixelP95Frames', 'frames', 'lower', [(knob.p95 * 30) / 1000], {
      against: 'programme frames of 1/30 s',
    }),
    ...(age ? [figure('ageP95Ms', 'ms', 'lower', [age.p95], { against: 'capture to stage' })] : []),
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
  if (fps.value < LEAST_FPS) {
    console.log(
      `WARNING: the engine made ${fps.value.toFixed(1)} pictures a second; at least ${LEAST_FPS} are wanted.`,
    );
  }
  return { figures, provider: provider ?? 'unknown' };
}

/** In turn a prompt typed at once and a step of the strength slider, one a second. */
async function changeKnobs(hands: PageInput, seconds: number): Promise<void> {
  for (let i = 0; i < seconds - 1; i++) {
    if (i % 2 === 0) {
      await hands.focus(PROMPT_FIELD);
      await hands.insert(PROMPTS[(i / 2) % PROMPTS.length]!);
    } else {
      await hands.focus(STRENGTH);
      if (i % 4 === 1) await hands.press('ArrowLeft', ARROW_LEFT);
      else await hands.press('ArrowRight', ARROW_RIGHT);
    }
    await new Promise((done) => setTimeout(done, 1000));
  }
}
