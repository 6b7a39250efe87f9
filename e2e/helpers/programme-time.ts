import type { StudioProcess } from './studio-process';

/**
 * A studio's programme clock, read from outside: the start of its cues is stamped with it. Good to half
 * the time a command takes, about a millisecond; the clock is bent by at most 500 ppm, so take it anew
 * after a minute.
 */
export async function programmeClock(studio: StudioProcess): Promise<() => number> {
  const beforeUs = monotonicUs();
  await studio.command({ type: 'cues.run' });
  const afterUs = monotonicUs();
  const { cues } = await studio.until('cues to run', (state) => state.cues.startedUs !== null);
  const offsetUs = cues.startedUs! - (beforeUs + afterUs) / 2;
  await studio.command({ type: 'cues.halt' });
  await studio.until('cues to halt', (state) => state.cues.startedUs === null);
  return () => monotonicUs() + offsetUs;
}

function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
