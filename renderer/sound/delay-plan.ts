import { NETWORK_DELAY_FRAMES } from './binaural/binaural-messages';
import { RAMP_LEAD_S, RAMP_S } from './param-ramp';
import { SAMPLE_RATE } from './schedule';

const QUANTUM_FRAMES = 128;
/** From the beginning of a dip to the change that it hides: also a dip that had to wait is silent by then. */
const DIP_S = 4 * RAMP_S;

/** What delays one strip, in samples: the strip's own delay line, and its binaural node. */
export type StripDelays = { line: number; voice: number };

/** How old the mix is: as long as any strip goes through the network, every strip waits for it. */
export function mixDelayFrames(networked: readonly boolean[]): number {
  return networked.some(Boolean) ? NETWORK_DELAY_FRAMES : 0;
}

/** A strip through the network is delayed there; any other waits in its own delay line. */
export function delaysOf(syncOffsetMs: number, networked: boolean, mixDelay: number): StripDelays {
  // Whole samples: a fractional delay would be interpolated and dull the sound.
  const sync = Math.round((syncOffsetMs * SAMPLE_RATE) / 1000);
  return { line: sync + (networked ? 0 : mixDelay), voice: networked ? mixDelay : 0 };
}

/** A moment in the near future at which delays change, on the boundary of a quantum. */
export type DelayMoment = { dipS: number; frame: number };

/** The next such moment; `nowS` is the context's time. */
export function nextDelayMoment(nowS: number): DelayMoment {
  const dipS = nowS + RAMP_LEAD_S;
  const frame = Math.ceil(((dipS + DIP_S) * SAMPLE_RATE) / QUANTUM_FRAMES) * QUANTUM_FRAMES;
  return { dipS, frame };
}

/**
 * Until when a dip stays silent, context seconds. Where a delay grows, sound that was heard once
 * comes again; it is let pass in silence, so that what is recorded joins on without it.
 */
export function silentUntilS(
  { frame }: DelayMoment,
  before: StripDelays,
  after: StripDelays,
  mixGrowth: number,
): number {
  const grown = Math.max(after.voice - before.voice, after.line - before.line, mixGrowth, 0);
  return (frame + Math.min(grown, NETWORK_DELAY_FRAMES)) / SAMPLE_RATE + RAMP_S;
}
