/** The one sample rate of the programme, in Hz. */
export const SAMPLE_RATE = 48_000;
const FRAMES_PER_US = SAMPLE_RATE / 1e6;

/** What is shorter is silent: a loop of it would be a flood of joins. */
const MIN_DURATION_US = 1000;

/** Where a recorded sound stands in programme time. */
export type Timeline = {
  /** Programme time of sample 0 of the sound clock, µs. */
  anchorUs: number;
  /** Media time = programme time − originUs, µs. */
  originUs: number;
  /** Length of the medium (not of its sound track), µs; loops join here. */
  durationUs: number;
  loop: boolean;
};

/** A stretch of the sound clock and the media samples that fill it, all in samples at 48 kHz. */
export type Segment = { frame: number; mediaFrame: number; frames: number };

/** Number of the sample that is mixed at a programme time, rounded to the nearest. */
export function frameOfUs(anchorUs: number, programmeUs: number): number {
  return Math.round((programmeUs - anchorUs) * FRAMES_PER_US);
}

/**
 * Which media samples sound in `[fromFrame, toFrame)`. Round k of a loop begins at the
 * sample nearest to origin + k × duration, each rounded by itself: joins are exact to the
 * sample and never drift from the picture, whatever the duration.
 */
export function planSegments(timeline: Timeline, fromFrame: number, toFrame: number): Segment[] {
  const { anchorUs, originUs, durationUs, loop } = timeline;
  if (!(durationUs >= MIN_DURATION_US) || toFrame <= fromFrame) return [];
  const startOf = (round: number) => frameOfUs(anchorUs, originUs + round * durationUs);
  const first = loop ? Math.max(0, roundAt(timeline, fromFrame)) : 0;
  const segments: Segment[] = [];
  for (let round = first; round === 0 || loop; round++) {
    const start = startOf(round);
    if (start >= toFrame) break;
    const from = Math.max(start, fromFrame);
    const to = Math.min(startOf(round + 1), toFrame);
    if (to > from) segments.push({ frame: from, mediaFrame: from - start, frames: to - from });
  }
  return segments;
}

/** A round that surely is not later than the one that holds `frame`; at most one too early. */
function roundAt({ anchorUs, originUs, durationUs }: Timeline, frame: number): number {
  return Math.floor((anchorUs + frame / FRAMES_PER_US - originUs) / durationUs) - 1;
}

/** Samples in `[fromFrame, toFrame)` at which a whole programme second begins. */
export function wholeSecondFrames(anchorUs: number, fromFrame: number, toFrame: number): number[] {
  const frames: number[] = [];
  let second = Math.ceil((anchorUs + (fromFrame - 1) / FRAMES_PER_US) / 1e6);
  for (; ; second++) {
    const frame = frameOfUs(anchorUs, second * 1e6);
    if (frame >= toFrame) return frames;
    if (frame >= fromFrame) frames.push(frame);
  }
}
