import { describe, expect, it } from 'vitest';
import { RecordingTimes } from './recording-times';

const SECOND = 1_000_000;

describe('RecordingTimes', () => {
  it('counts from the start of the recording and leaves pauses out', () => {
    const times = new RecordingTimes();
    expect(times.toFileUs(5 * SECOND)).toBeNull();
    times.begin(10 * SECOND);
    expect(times.toFileUs(9 * SECOND)).toBeNull();
    expect(times.toFileUs(10 * SECOND)).toBe(0);
    expect(times.toFileUs(13 * SECOND)).toBe(3 * SECOND);
    times.end(14 * SECOND);
    expect(times.toFileUs(13 * SECOND)).toBe(3 * SECOND);
    expect(times.toFileUs(14 * SECOND)).toBeNull();
    times.begin(20 * SECOND);
    expect(times.toFileUs(17 * SECOND)).toBeNull();
    expect(times.toFileUs(21 * SECOND)).toBe(5 * SECOND);
  });

  it('a run that begins without an end of the one before ends it', () => {
    const times = new RecordingTimes();
    times.begin(0);
    times.begin(5 * SECOND);
    expect(times.toFileUs(7 * SECOND)).toBe(7 * SECOND);
  });

  it('takes the file’s own time of a run', () => {
    const times = new RecordingTimes();
    times.begin(10 * SECOND, 2 * SECOND);
    expect(times.toFileUs(11 * SECOND)).toBe(3 * SECOND);
    times.end(9 * SECOND);
    expect(times.toFileUs(11 * SECOND)).toBeNull();
  });
});
