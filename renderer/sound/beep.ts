import { SAMPLE_RATE } from './schedule';

const BEEP_HZ = 1000;
/** −20 dBFS, the line-up level of broadcasting. */
const BEEP_PEAK = 0.1;
const BEEP_FRAMES = SAMPLE_RATE / 10;
const EDGE_FRAMES = SAMPLE_RATE / 1000;

/**
 * The test card's beep: 100 ms of 1 kHz sine at −20 dBFS with raised-cosine edges of 1 ms.
 * The first sample is the beginning of the second it marks.
 */
export function renderBeep(): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(BEEP_FRAMES);
  for (let i = 0; i < BEEP_FRAMES; i++) {
    const fromEdge = Math.min(i + 1, BEEP_FRAMES - i);
    const envelope = fromEdge >= EDGE_FRAMES ? 1 : 0.5 - 0.5 * Math.cos((Math.PI * fromEdge) / EDGE_FRAMES);
    // Cosine phase: already the first sample differs from silence, so the onset can be measured to the sample.
    samples[i] = BEEP_PEAK * envelope * Math.cos((2 * Math.PI * BEEP_HZ * i) / SAMPLE_RATE);
  }
  return samples;
}
