import type { CamerasPort, SoundPort, StagePort } from '../../../renderer/studio/ports';
import type { Scenario } from './scenarios';

const none = () => () => {};

/** A stage that shows a still picture and tells the scenario's figures once. */
export function fakeStage({ stats, conditions, replaced = false }: Scenario): StagePort {
  const told = new Set<(replaced: boolean) => void>();
  let canvas: HTMLCanvasElement | null = null;
  return {
    attachCanvas: (given) => {
      canvas = given;
    },
    resize: (width, height) => {
      if (canvas) paint(canvas, width, height);
    },
    onStats: (listener) => {
      if (!stats) return () => {};
      listener(stats);
      const timer = setInterval(listener, 1000, stats);
      return () => clearInterval(timer);
    },
    onLayer: (listener) => {
      for (const condition of conditions) listener(condition);
      return () => {};
    },
    onConnection: (listener) => {
      listener(true);
      return () => {};
    },
    onReplaced: (listener) => {
      listener(replaced);
      told.add(listener);
      return () => told.delete(listener);
    },
    takeBack: () => told.forEach((listener) => listener(false)),
    programmeUs: () => performance.now() * 1000,
    dispose: () => {},
  };
}

/** A landscape at dusk: light and dark parts, on which handles and guides must be seen. */
function paint(canvas: HTMLCanvasElement, width: number, height: number): void {
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const sky = pen.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, '#24304f');
  sky.addColorStop(0.55, '#c9785a');
  sky.addColorStop(0.6, '#f2d9a0');
  pen.fillStyle = sky;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = '#2a2f33';
  pen.beginPath();
  pen.moveTo(0, height);
  for (let x = 0; x <= width; x += 4) {
    pen.lineTo(x, height * (0.68 + 0.06 * Math.sin(x / 90) + 0.03 * Math.sin(x / 23)));
  }
  pen.lineTo(width, height);
  pen.fill();
}

/** Sound with steady levels. */
export function fakeSound({ state, stripErrors }: Scenario): SoundPort {
  return {
    apply: () => {},
    start: async () => {},
    retry: () => {},
    onError: none,
    onRunning: (listener) => {
      listener(state.project.strips.length > 0);
      return () => {};
    },
    onConditions: (listener) => {
      listener(stripErrors);
      return () => {};
    },
    onLevels: (listener) => {
      const levels = [0.5, 0.12, 0.95, 0.02, 0.3];
      const entries = state.project.strips.map((strip, index) => [
        strip.id,
        levels[index % levels.length] ?? 0,
      ]);
      const timer = setInterval(() => listener({ ...Object.fromEntries(entries), mix: 0.6 }), 33);
      return () => clearInterval(timer);
    },
    setMonitoring: () => {},
    dispose: () => {},
  };
}

/** Two cameras and a microphone with long names. */
export function fakeCameras(): CamerasPort {
  return {
    apply: () => {},
    retry: () => {},
    devices: async () => ({
      cameras: [
        { deviceId: 'c1', label: 'Integrated Camera (13d3:56b2)' },
        { deviceId: 'c2', label: 'Elgato Facecam Pro 4K60 Ultra HDR Wide – USB3 (0fd9:0079)' },
      ],
      microphones: [{ deviceId: 'm1', label: 'Shure MV7+ Podcast Microphone, Analog Stereo' }],
    }),
    onDevices: none,
    dispose: () => {},
  };
}
