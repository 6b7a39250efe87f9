import { BinauralNode, loadBinaural } from '../../../renderer/sound/binaural/binaural-node';

const RATE = 48_000;
const SOURCES = 8;
/** Revolutions of every source, a second. */
const SPEED = 0.2;
const MOVES_PER_SECOND = 30;

/** One noise for all: what it costs does not depend on what is heard. */
function noiseOf(context: BaseAudioContext, seconds: number): AudioBufferSourceNode {
  const buffer = new AudioBuffer({ length: seconds * RATE, sampleRate: RATE, numberOfChannels: 1 });
  const samples = buffer.getChannelData(0);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.random() * 0.2 - 0.1;
  return new AudioBufferSourceNode(context, { buffer });
}

/** Where source number i is at a time, rad. */
const angleOf = (i: number, timeS: number) => 2 * Math.PI * (i / SOURCES + SPEED * timeS);

async function renderMs(seconds: number, place: (context: OfflineAudioContext) => void): Promise<number> {
  const context = new OfflineAudioContext({ numberOfChannels: 2, length: seconds * RATE, sampleRate: RATE });
  await loadBinaural(context);
  place(context);
  const startMs = performance.now();
  await context.startRendering();
  return performance.now() - startMs;
}

const bench = {
  sources: SOURCES,
  /** Milliseconds for so many seconds of eight orbiting sources around our listener. */
  ours: (seconds: number): Promise<number> =>
    renderMs(seconds, (context) => {
      const noise = noiseOf(context, seconds);
      for (let i = 0; i < SOURCES; i++) {
        const degrees = (timeS: number) => (((angleOf(i, timeS) * 180) / Math.PI + 180) % 360) - 180;
        const pose = (timeS: number) => ({
          azimuthDeg: degrees(timeS),
          elevationDeg: 0,
          distanceM: 1.5,
          room: 0.5,
        });
        const node = new BinauralNode(context, pose(0));
        noise.connect(node.node).connect(context.destination);
        for (let timeS = 0.1; timeS < seconds; timeS += 1 / MOVES_PER_SECOND) {
          void context.suspend(timeS + (i * 1e-2) / SOURCES).then(() => {
            node.aim(pose(timeS));
            return context.resume();
          });
        }
      }
      noise.start();
    }),
  /** The same with the browser's own HRTF panner, without a room. */
  panner: (seconds: number): Promise<number> =>
    renderMs(seconds, (context) => {
      const noise = noiseOf(context, seconds);
      for (let i = 0; i < SOURCES; i++) {
        const node = new PannerNode(context, { panningModel: 'HRTF', distanceModel: 'inverse' });
        noise.connect(node).connect(context.destination);
        for (let timeS = 0; timeS < seconds; timeS += 1 / MOVES_PER_SECOND) {
          const angle = angleOf(i, timeS);
          node.positionX.linearRampToValueAtTime(-1.5 * Math.sin(angle), timeS);
          node.positionZ.linearRampToValueAtTime(-1.5 * Math.cos(angle), timeS);
        }
      }
      noise.start();
    }),
};

/** What the bench drives, on `window.bench`. */
export type BinauralBench = typeof bench;
Object.assign(globalThis, { bench });
