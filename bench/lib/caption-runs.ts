import type { CaptionUpdate, CaptionWord } from '../../contract/captions';
import { FrameFormat, FrameKind, type FrameHeader } from '../../contract/frame';
import { CaptionsEngine } from '../../main/engines/captions/captions-engine';
import type { CaptionsModel } from '../../main/engines/captions/captions-model';
import { Recogniser, type Heard } from '../../main/engines/captions/recogniser';
import { StageTimes } from '../../main/engines/runtime/timing';

/** Samples of a packet as the sound worklet sends them: 20 ms at 48 kHz. */
const PACKET = 960;
const PACKET_MS = 20;
const STREAM = 1;

/** Recognises a whole sound as fast as the machine can, and lets it come to rest. */
export async function recognise(
  model: CaptionsModel,
  sound: Float32Array,
): Promise<{ words: CaptionWord[]; cpuSeconds: number }> {
  const recogniser = new Recogniser(model, new StageTimes());
  const words: CaptionWord[] = [];
  const take = (heard: Heard | null) => void (heard && words.splice(heard.from, Infinity, ...heard.words));
  const before = process.cpuUsage();
  for (let from = 0; from < sound.length; from += PACKET) {
    recogniser.push(from / 0.048, sound.subarray(from, from + PACKET));
    while (recogniser.ready) take(await recogniser.step());
  }
  const { user, system } = process.cpuUsage(before);
  recogniser.rest();
  while (recogniser.ready) take(await recogniser.step());
  take(recogniser.close());
  return { words, cpuSeconds: (user + system) / 1e6 };
}

/** What an audience saw: how late each word was whole, and how often one that stood there was changed. */
export type Seen = { latenciesMs: number[]; erased: number; words: number };

/** Plays a sound to an engine at the rate of real time, over and over, for so many seconds. */
export async function listenLive(model: CaptionsModel, sound: Float32Array, seconds: number): Promise<Seen> {
  const startMs = performance.now();
  const nowMs = () => performance.now() - startMs;
  const shown: CaptionWord[] = [];
  const seen: Seen = { latenciesMs: [], erased: 0, words: 0 };
  const wholeMs: number[] = [];
  const caption = ({ from, words }: CaptionUpdate) => {
    const before = shown.splice(from, Infinity, ...words);
    seen.erased += before.filter((word, i) => word.text !== words[i]?.text).length;
    words.forEach((word, i) => {
      if (word.text !== before[i]?.text) wholeMs[from + i] = nowMs();
    });
  };
  // The model stays with its owner.
  const network = {
    geometry: model.geometry,
    pieces: model.pieces,
    language: model.language,
    begin: () => model.begin(),
    run: (window: Float32Array, caches: ReturnType<CaptionsModel['begin']>) => model.run(window, caches),
    release: () => Promise.resolve(),
  };
  const engine = new CaptionsEngine(network, new StageTimes(), {
    caption,
    trouble: (error) => {
      throw error;
    },
  });
  engine.control({ type: 'control', streamId: STREAM, version: 1, epoch: 1, settings: { kind: 'captions' } });
  const peer = { sendFrame: () => true, sendText: () => {} };
  for (let packet = 0; packet < (seconds * 1000) / PACKET_MS; packet++) {
    // A packet can be sent once its last sample was heard.
    const waitMs = (packet + 1) * PACKET_MS - nowMs();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const from = (packet * PACKET) % (sound.length - PACKET);
    const payload = new Uint8Array(sound.slice(from, from + PACKET).buffer);
    engine.frame({ header: header(packet), payload }, peer);
  }
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await engine.stop();
  seen.words = shown.length;
  seen.latenciesMs = shown.map((word, i) => wholeMs[i]! - word.endUs / 1000);
  return seen;
}

function header(packet: number): FrameHeader {
  return {
    kind: FrameKind.pcm,
    format: FrameFormat.f32,
    width: 1,
    height: 0,
    streamId: STREAM,
    sequence: packet,
    epoch: 0,
    appliedVersion: 0,
    seed: 0,
    captureUs: packet * PACKET_MS * 1000,
    doneUs: 0,
    flags: 0,
    durationUs: PACKET_MS * 1000,
  };
}
