import { StudioError } from '../../../contract/errors';
import { idleState, layerLive } from '../../../contract/testing/idle-state';
import type { EngineLive, LiveState, Notice } from '../../../contract/live';
import {
  DEFAULT_ANIMATE,
  FULL_FRAME,
  emptyProject,
  type Layer,
  type Project,
  type Source,
} from '../../../contract/project';
import type { LayerCondition, StageStats } from '../../../contract/stage';
import type { LinkState } from '../../../renderer/studio/control-link';

/** All that the interface is fed. */
export type Scenario = {
  state: LiveState;
  stats: StageStats | null;
  conditions: LayerCondition[];
  stripErrors: Record<string, StudioError | null>;
  link: LinkState;
  /** Another window has the stage. */
  replaced?: boolean;
};

const WORDS = (
  'watercolour ink oil charcoal neon pixel mosaic halftone night golden winter autumn rain fog storm ' +
  'harbour forest city thermal sketch pastel copper violet soft bold'
).split(' ');

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

function layer(id: string, name: string, source: Source, patch: Partial<Layer> = {}): Layer {
  const rest = { visible: true, locked: false, transform: FULL_FRAME, opacity: 1, blend: 'normal' as const };
  return { id, name, source, ...rest, engine: null, ...patch };
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
          words: WORDS,
          restarts: 0,
          error: null,
        },
      },
    }),
  };
}
