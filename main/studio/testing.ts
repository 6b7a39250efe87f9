import { DEFAULT_ANIMATE, FULL_FRAME, emptyProject, type Layer, type Project } from '../../contract/project';
import { Studio, type StudioActions } from './studio';

/** A text layer for tests. */
export function textLayer(id: string, extra: Partial<Layer> = {}): Layer {
  return {
    id,
    name: id,
    source: {
      kind: 'text',
      text: 'Hello',
      size: 0.1,
      colour: '#ffffff',
      background: null,
      align: 'left',
      weight: 600,
    },
    visible: true,
    locked: false,
    transform: FULL_FRAME,
    opacity: 1,
    blend: 'normal',
    engine: null,
    ...extra,
  };
}

/** A layer with an engine for tests. */
export function animatedLayer(id: string): Layer {
  return textLayer(id, { source: { kind: 'test-card', beep: true }, engine: DEFAULT_ANIMATE });
}

/** A studio on a hand-driven clock whose actions are only noted. */
export function testStudio(project: Project = emptyProject()) {
  const calls: string[] = [];
  const note = (name: string) => () => void calls.push(name);
  const actions: StudioActions = {
    startRecording: note('startRecording'),
    pauseRecording: note('pauseRecording'),
    resumeRecording: note('resumeRecording'),
    stopRecording: note('stopRecording'),
    startLive: note('startLive'),
    stopLive: note('stopLive'),
    restartEngine: note('restartEngine'),
    startObs: note('startObs'),
    stopObs: note('stopObs'),
    startCamera: note('startCamera'),
    stopCamera: note('stopCamera'),
  };
  const time = { us: 0, ms: 0 };
  const studio = new Studio({
    project,
    projectFile: '/nowhere/project.json',
    shell: { kind: 'browser', secretStore: 'session' },
    ffmpeg: true,
    nowUs: () => time.us,
    nowMs: () => time.ms,
    freshProjectFile: (name) => `/nowhere/${name}.json`,
    actions,
  });
  return { studio, calls, time };
}
