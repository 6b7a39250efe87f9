import { StudioError, type StudioErrorShape } from '../../../contract/errors';
import { idleState, layerLive, stripLive } from '../../../contract/testing/idle-state';
import type { CaptionWord } from '../../../contract/captions';
import type { CameraCapability, EngineLive, LiveState, Notice } from '../../../contract/live';
import type { ModelShelf } from '../../../contract/models';
import {
  DEFAULT_ANIMATE,
  DEFAULT_BINAURAL,
  DEFAULT_CAPTION_LAYER,
  DEFAULT_GENERATE,
  FULL_FRAME,
  emptyProject,
  type Cue,
  type Layer,
  type Project,
  type Source,
} from '../../../contract/project';
import type { EngineStats, LayerCondition, StageStats } from '../../../contract/stage';
import type { LinkState } from '../../../renderer/studio/control-link';
import { allStates, captionsMissing, manyModels } from './shelves';

/** All that the interface is fed. */
export type Scenario = {
  state: LiveState;
  stats: StageStats | null;
  conditions: LayerCondition[];
  stripErrors: Record<string, StudioError | null>;
  link: LinkState;
  /** What main knows of models; an empty shelf when left out. */
  shelf?: ModelShelf | StudioErrorShape;
  /** Another window has the stage. */
  replaced?: boolean;
};

const WORDS = (
  'watercolour ink oil charcoal neon pixel mosaic halftone night golden winter autumn rain fog storm ' +
  'harbour forest city thermal sketch pastel copper violet soft bold'
).split(' ');

/** What the model of made pictures knows, in its order. */
const SCENE_WORDS = (
  'mountains sea city desert dawn day dusk night clear rain snow fog balloon bird boat robot lantern red ' +
  'orange yellow green teal blue violet white still drifting bobbing circling fast steady left right zoom ' +
  'shake flat sketch pixel neon'
).split(' ');

const CUES = ['synthwave dusk', 'mosaic vivid', 'comic candy'];

/** A snapshot by name. */
export function scenario(name: string): Scenario {
  switch (name) {
    case 'empty':
      return plain(emptyProject());
    case 'camera':
      return camera();
    case 'busy':
      return busy();
    case 'engine-failed':
      return engineFailed();
    case 'engines':
      return engines();
    case 'animate':
      return animateInFull();
    case 'engines-trouble':
      return { ...enginesTrouble(), shelf: captionsMissing() };
    case 'models':
      return { ...engines(), shelf: allStates() };
    case 'models-electron': {
      const all = engines();
      return {
        ...all,
        state: { ...all.state, shell: { ...all.state.shell, kind: 'electron' } },
        shelf: allStates(),
      };
    }
    case 'models-many':
      return { ...camera(), shelf: manyModels() };
    case 'models-none':
      return { ...camera(), shelf: { ...manyModels(), models: [], usedBytes: 0 } };
    case 'models-refused':
      return { ...camera(), shelf: unreadable };
    case 'models-lost':
      return { ...camera(), shelf: allStates(), link: 'reconnecting' };
    case 'reconnecting':
      return { ...camera(), link: 'reconnecting' };
    case 'replaced':
      return { ...camera(), replaced: true };
    case 'connecting':
      return { ...camera(), link: 'connecting' };
    default:
      throw new Error(`The scenario "${name}" does not exist.`);
  }
}

const unreadable = new StudioError(
  'studio',
  'internal',
  'The folder of models must be readable, but is not: /home/me/.local/share/fantascope/models.',
).toShape();

function layer(id: string, name: string, source: Source, patch: Partial<Layer> = {}): Layer {
  const rest = { visible: true, locked: false, transform: FULL_FRAME, opacity: 1, blend: 'normal' as const };
  return { id, name, source, ...rest, engine: null, ...patch };
}

function cue(index: number, prompt: string, patch: Partial<Cue> = {}): Cue {
  return { id: `cue-${index}`, prompt, layerId: null, seed: null, blendMs: null, atMs: null, ...patch };
}

function camera(): Scenario {
  const project = emptyProject('Evening show');
  project.scenes[0]?.layers.push(
    layer(
      'cam',
      'Camera',
      { kind: 'camera', device: { deviceId: 'c1', label: 'Integrated Camera (13d3:56b2)' } },
      {
        engine: { ...DEFAULT_ANIMATE, prompt: 'watercolour golden harbour at duskiest', wipe: 0.5 },
      },
    ),
    layer(
      'title',
      'Title',
      {
        kind: 'text',
        text: 'Good evening',
        size: 0.09,
        colour: '#ffffff',
        background: '#14110fcc',
        align: 'left',
        weight: 600,
      },
      { transform: { ...FULL_FRAME, x: 0.06, y: 0.74, width: 0.5, height: 0.16, rotationDeg: 0 } },
    ),
  );
  project.strips.push({
    id: 'mic',
    name: 'Microphone',
    source: { kind: 'microphone', device: { deviceId: '', label: '' } },
    gainDb: -3,
    muted: false,
    syncOffsetMs: 0,
    binaural: null,
  });
  for (const [index, prompt] of CUES.entries()) project.cues.push(cue(index, prompt));
  const made = plain(project);
  made.state.layers = live(project, { cam: ['duskiest'] });
  return made;
}

function busy(): Scenario {
  const base = camera();
  const project: Project = base.state.project;
  project.name = 'The very long evening show of the travelling lantern players, second night';
  project.scenes.push(
    { id: 'scene-2', name: 'Interview with two guests', layers: [] },
    { id: 'scene-3', name: 'Pause', layers: [] },
    { id: 'scene-4', name: 'Credits', layers: [] },
  );
  const kinds: Source[] = [
    { kind: 'film', mediaId: 'm1', loop: true },
    { kind: 'image', mediaId: 'm2' },
    { kind: 'test-card', beep: true },
    { kind: 'camera', device: { deviceId: 'gone', label: 'Elgato Facecam Pro 4K60 Ultra HDR Wide – USB3' } },
  ];
  project.media.push(
    { id: 'm1', name: 'rabbit320.mp4', path: '/films/rabbit320.mp4' },
    { id: 'm2', name: 'logo.png', path: '/logo.png' },
  );
  for (let index = 0; index < 10; index += 1) {
    const source = kinds[index % kinds.length];
    if (!source) continue;
    const name =
      index === 3 ? 'Elgato Facecam Pro 4K60 Ultra HDR Wide – USB3 (0fd9:0079)' : `Layer ${index + 3}`;
    project.scenes[0]?.layers.push(
      layer(`l${index}`, name, source, {
        visible: index % 5 !== 4,
        locked: index % 6 === 1,
        transform: {
          ...FULL_FRAME,
          x: 0.06 * index,
          y: 0.05 * index,
          width: 0.3,
          height: 0.3,
          rotationDeg: index * 7,
        },
      }),
    );
  }
  for (const [index, name] of [
    'Film',
    'Audience microphone behind the bar',
    'Music',
    'Guest',
    'Room',
    'Phone',
  ].entries()) {
    project.strips.push({
      id: `s${index}`,
      name,
      source: { kind: 'file', mediaId: 'm1', loop: true },
      gainDb: [-12.5, 0, 12, -60, -24, 6][index] ?? 0,
      muted: index === 2,
      syncOffsetMs: 0,
      binaural: null,
    });
  }
  project.destinations.push(
    { id: 'd1', name: 'Twitch', protocol: 'rtmp', url: 'rtmp://live.twitch.tv/app', audioBitrateKbps: 160 },
    {
      id: 'd2',
      name: 'OBS in the control room downstairs',
      protocol: 'srt',
      url: 'srt://10.0.0.4:9000',
      audioBitrateKbps: 160,
    },
    { id: 'd3', name: 'Archive', protocol: 'rtmp', url: 'rtmp://archive/app', audioBitrateKbps: 160 },
  );
  const lost = new StudioError(
    'output',
    'destination.lost',
    'The server closed the connection after 32 s.',
  ).toShape();
  const quiet = {
    attempt: 0,
    retryUs: null,
    bitrateKbps: 0,
    sentFrames: 0,
    droppedFrames: 0,
    sinceUs: null,
    hasKey: true,
    error: null,
  };
  base.state = {
    ...base.state,
    onAir: true,
    canUndo: 'Move layer',
    layers: live(project, { cam: ['duskiest'] }),
    recording: {
      state: 'recording',
      startedUs: 1,
      durationUs: 724e6,
      bytes: 512e6,
      file: '/home/me/Videos/Fantascope/2026-11-23 20.15 Evening show.mkv',
      error: null,
    },
    destinations: {
      d1: { ...quiet, state: 'live', bitrateKbps: 4612, sentFrames: 21000, droppedFrames: 12, sinceUs: 1 },
      d2: { ...quiet, state: 'reconnecting', attempt: 4, retryUs: 9e6, error: lost },
      d3: { ...quiet, state: 'live', bitrateKbps: 4598, sentFrames: 20000, sinceUs: 1 },
    },
  };
  return {
    ...base,
    conditions: [
      {
        layerId: 'l3',
        condition: 'lost',
        error: new StudioError(
          'stage',
          'device.lost',
          'Camera “Elgato Facecam Pro” must stay connected, but its stream ended. Connect it again.',
        ).toShape(),
      },
    ],
    stripErrors: {
      s1: new StudioError(
        'sound',
        'device.missing',
        'Microphone “Audience” must be connected, but was not found.',
      ),
    },
  };
}

function engineFailed(): Scenario {
  const base = camera();
  const error = new StudioError(
    'engine',
    'model.corrupt',
    'The model animate-mini must have the SHA-256 of the catalogue, got another one for unet.onnx; install the models again.',
  ).toShape();
  const notices: Notice[] = [
    { key: 'engine:animate', error, atUs: 0 },
    {
      key: 'recording',
      error: new StudioError(
        'output',
        'recording.disk-full',
        'Less than 200 MB were left on /home. 12 minutes were kept.',
      ).toShape(),
      atUs: 0,
    },
  ];
  const animate: EngineLive = {
    ...base.state.engines.animate,
    state: 'failed',
    url: null,
    provider: null,
    error,
    restarts: 3,
  };
  return { ...base, state: { ...base.state, engines: { ...base.state.engines, animate }, notices } };
}

const CAPABILITIES: readonly CameraCapability[] = [
  {
    backend: 'v4l2loopback',
    available: false,
    explanation:
      'The kernel module v4l2loopback is not loaded. Install the package v4l2loopback-dkms and load it with “sudo modprobe v4l2loopback”.',
  },
  {
    backend: 'pipewire',
    available: true,
    explanation: 'Programs that use PipeWire see a camera named “Fantascope”: Firefox, OBS, most Flatpaks.',
  },
  {
    backend: 'obs',
    available: true,
    explanation: 'OBS shows its own virtual camera; it must run, and needs v4l2loopback on Linux.',
  },
];

/** A made picture that is repainted, too, captions, three placed strips, OBS and a camera at work. */
function engines(): Scenario {
  const base = camera();
  const project = base.state.project;
  project.scenes[0]?.layers.unshift(
    layer(
      'back',
      'Made picture',
      { ...DEFAULT_GENERATE, prompt: 'mountains dusk balloon flumph', seed: 4_012_345_678 },
      { engine: { ...DEFAULT_ANIMATE, prompt: 'mosaic vivid' } },
    ),
  );
  project.scenes[0]?.layers.push(
    layer('caps', 'Captions', DEFAULT_CAPTION_LAYER, {
      transform: { ...FULL_FRAME, x: 0.05, y: 0.78, width: 0.9, height: 0.16 },
    }),
  );
  const [mic] = project.strips;
  if (mic) mic.binaural = { ...DEFAULT_BINAURAL, azimuthDeg: 35, elevationDeg: 10, distanceM: 1.2 };
  for (const [index, [id, name]] of [
    ['guest', 'Guest with a very long name of her own'],
    ['film', 'Film'],
  ].entries()) {
    project.strips.push({
      id: id ?? '',
      name: name ?? '',
      source: { kind: 'file', mediaId: 'm1', loop: true },
      gainDb: -6,
      muted: false,
      syncOffsetMs: 0,
      binaural: {
        ...DEFAULT_BINAURAL,
        azimuthDeg: [-60, 170][index] ?? 0,
        distanceM: [2.4, 4][index] ?? 1,
        network: index === 0,
        followLayerId: index === 1 ? 'title' : null,
      },
    });
  }
  project.captions = { ...project.captions, enabled: true, stripId: 'mic' };
  project.cues = [
    cue(0, 'mountains dusk', { layerId: 'back', atMs: 0, blendMs: 0 }),
    cue(1, 'sea fog boat', { layerId: 'back', atMs: 12_500, blendMs: 2000 }),
    cue(2, 'city night rain neon robot circling fast', { layerId: 'back', atMs: 62_500, seed: 7 }),
    cue(3, 'desert dawn'),
    cue(4, 'mosaic vivid'),
  ];
  const engine = (model: string, words: readonly string[] = []): EngineLive => ({
    ...base.state.engines.animate,
    model,
    words,
  });
  const layers = live(project, { cam: ['duskiest'] });
  const back = layers['back'];
  const generated = { epoch: 1, controlVersion: 1, controlInputUs: 0, unknownWords: ['flumph'] };
  const [first] = base.stats?.engines ?? [];
  const figures = base.stats && first ? enginesAtWork(base.stats, first) : null;
  return {
    ...base,
    stats: figures,
    state: {
      ...base.state,
      layers: back ? { ...layers, back: { ...back, generated } } : layers,
      strips: Object.fromEntries(project.strips.map(({ id }, index) => [id, stripLive(20 + index)])),
      engines: {
        animate: engine('animate-mini', WORDS),
        generate: engine('scenes', SCENE_WORDS),
        captions: engine('captions-mini'),
        binaural: engine('binaural-mini'),
      },
      captions: {
        streamId: 20,
        epoch: 1,
        controlVersion: 1,
        words: heard(
          'good evening and welcome to the travelling lantern tonight we paint the harbour with light and',
          'your voices',
        ),
        latencyMs: { p50: 420, p95: 780, n: 96 },
      },
      obs: {
        state: 'reconnecting',
        latencyMs: null,
        obsVersion: '29.1.3',
        hasPassword: true,
        error: new StudioError(
          'output',
          'obs.lost',
          'OBS closed the connection after 12 minutes; it is tried again every 2 s.',
        ).toShape(),
      },
      virtualCamera: { state: 'on', backend: 'pipewire', capabilities: CAPABILITIES, error: null },
    },
  };
}

function enginesAtWork(stats: StageStats, first: EngineStats): StageStats {
  return {
    ...stats,
    engines: [
      first,
      { ...first, layerId: 'back', fps: 5.2, appliedVersion: 1 },
      {
        ...first,
        layerId: 'back',
        engine: 'generate',
        fps: 8.1,
        dropped: 0,
        knobToPixelMs: { p50: 310, p95: 480, n: 40 },
        stagesMs: { step: 212.4, decode: 61.2, interpolate: 18.9 },
      },
    ],
    binaural: [
      { stripId: 'mic', networkShare: 0.98, missed: 4, delayMs: 21.3 },
      { stripId: 'guest', networkShare: 0.91, missed: 12, delayMs: 21.3 },
      { stripId: 'film', networkShare: 0, missed: 0, delayMs: 2.7 },
    ],
  };
}

/** The same with nothing at hand: models missing, OBS refusing, no way to be a camera. */
function enginesTrouble(): Scenario {
  const base = engines();
  const missing = (model: string) =>
    new StudioError('engine', 'model.missing', `The model ${model} must be in native-models, but is not.`);
  const failed = (model: string): EngineLive => ({
    ...base.state.engines.animate,
    state: 'failed',
    url: null,
    provider: null,
    model: null,
    words: [],
    error: missing(model).toShape(),
  });
  const refused = new StudioError(
    'output',
    'obs.refused',
    'OBS on 127.0.0.1:4455 asked for another password. Type the one from “Show Connect Info”.',
  ).toShape();
  return {
    ...base,
    stats: base.stats && { ...base.stats, engines: base.stats.engines.slice(0, 1) },
    state: {
      ...base.state,
      engines: {
        ...base.state.engines,
        generate: failed('scenes'),
        captions: failed('captions-mini'),
        binaural: failed('binaural-mini'),
      },
      captions: { ...base.state.captions, words: [], latencyMs: null },
      obs: { state: 'idle', latencyMs: null, obsVersion: null, hasPassword: false, error: refused },
      virtualCamera: {
        state: 'off',
        backend: null,
        capabilities: CAPABILITIES.map((one) => ({ ...one, available: false })),
        error: null,
      },
      notices: [
        { key: 'engine-captions', error: missing('captions-mini').toShape(), atUs: 0 },
        { key: 'obs', error: refused, atUs: 0 },
      ],
    },
  };
}

function heard(confirmed: string, draft: string): CaptionWord[] {
  const words = (text: string, state: CaptionWord['state']) =>
    text
      .split(' ')
      .map((word) => ({ text: word, state, startUs: 0, endUs: 0, confidence: 0.9, begins: false }));
  return [...words(confirmed, 'confirmed'), ...words(draft, 'draft')];
}

/** Everything set that the animate engine can be told. */
function animateInFull(): Scenario {
  const base = camera();
  const project = structuredClone(base.state.project);
  const layer = project.scenes.flatMap((scene) => scene.layers).find(({ id }) => id === 'cam')!;
  const others = ['neon rain', 'mosaic golden', 'ink'].map((prompt) => ({ prompt, weight: 0.5 }));
  layer.engine = {
    ...layer.engine!,
    steps: 3,
    blend: { kind: 'slerp', weight: 0.8, others },
    negative: 'crimson fog',
    guidance: { mode: 'onetime', scale: 1.4, delta: 0.9 },
    fade: { ms: 1500, easing: 'smooth' },
    noise: { kind: 'moving', renewal: 0.2 },
    filter: { threshold: 0.98, maxSkip: 10 },
  };
  return { ...base, state: { ...base.state, project } };
}

function live(project: Project, unknown: Record<string, string[]>): LiveState['layers'] {
  const all = project.scenes.flatMap((scene) => scene.layers);
  return Object.fromEntries(
    all.map(({ id }, index) => [
      id,
      layerLive(index + 1, { controlVersion: 1, unknownWords: unknown[id] ?? [] }),
    ]),
  );
}

function plain(project: Project): Scenario {
  const spread = { p50: 4, p95: 9, n: 300 };
  return {
    link: 'online',
    conditions: [],
    stripErrors: {},
    stats: {
      atUs: 0,
      backend: 'canvas2d',
      fps: 29.9,
      lateTicks: 3,
      skippedTicks: 0,
      ticks: 3000,
      compositeMs: spread,
      encodeMs: spread,
      encodeQueue: 0,
      encoder: 'avc1.640020',
      engines: [
        {
          layerId: 'cam',
          fps: 11.4,
          dropped: 37,
          knobToPixelMs: { p50: 84, p95: 121, n: 40 },
          ageMs: spread,
          stagesMs: { prepare: 2.1, encode: 14.8, unet: 47.3, decode: 19.6 },
          appliedVersion: 1,
          engine: 'animate',
        },
      ],
      levelsDb: {},
      soundFrames: 0,
      soundJumps: 0,
    },
    state: idleState({
      project,
      projectFile: '/home/me/show.json',
      layers: live(project, {}),
      engines: {
        ...idleState().engines,
        animate: {
          state: 'ready',
          url: 'ws://127.0.0.1:1',
          provider: 'cpu',
          model: 'animate-mini',
          loading: null,
          words: WORDS,
          restarts: 0,
          quality: null,
          images: null,
          error: null,
        },
      },
    }),
  };
}
