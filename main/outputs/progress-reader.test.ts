import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ProgressReader, type FfmpegProgress } from './progress-reader';

const REPORT = 'frame=42\nfps=30.00\nbitrate=N/A\ntotal_size=1234\nout_time=00:00:01.4\nprogress=continue\n';
const LAST = 'frame=50\ntotal_size=N/A\nprogress=end\n';

it('reads reports wherever the stream is split', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: REPORT.length + LAST.length })), (cuts) => {
      const text = REPORT + LAST;
      const seen: FfmpegProgress[] = [];
      const reader = new ProgressReader((progress) => seen.push(progress));
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      for (let i = 1; i < places.length; i += 1) reader.push(text.slice(places[i - 1], places[i]));
      expect(seen).toEqual([
        { frames: 42, totalBytes: 1234, ended: false },
        { frames: 50, totalBytes: 0, ended: true },
      ]);
    }),
  );
});
