import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaptionUpdate, CaptionWord } from '../../../contract/captions';
import { CaptionFiles } from './caption-files';
import { RecordingTimes } from './recording-times';

const SECOND = 1_000_000;

function update(
  from: number,
  atS: number,
  text: string,
  state: CaptionWord['state'] = 'confirmed',
): CaptionUpdate {
  const words = text.split(' ').map((word, i): CaptionWord => ({
    text: word,
    startUs: (atS + i / 2) * SECOND,
    endUs: (atS + i / 2 + 0.4) * SECOND,
    confidence: 0.9,
    state,
    begins: i === 0,
  }));
  return { streamId: 0, epoch: 1, from, words, heardUs: (atS + words.length / 2) * SECOND };
}

describe('CaptionFiles', () => {
  let dir: string;
  let times: RecordingTimes;
  const onFailed = vi.fn();
  const read = (name: string) => readFileSync(join(dir, name), 'utf8');
  const openFiles = () =>
    CaptionFiles.open({ basePath: join(dir, 'Show'), toFileUs: (us) => times.toFileUs(us), onFailed });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'fantascope-subtitles-'));
    times = new RecordingTimes();
    times.begin(100 * SECOND);
    onFailed.mockClear();
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('writes SubRip and WebVTT, to the byte', async () => {
    const files = await openFiles();
    files.heard(update(0, 101.25, 'hello <b>world & {all}'));
    files.heard(update(3, 3800, 'an hour later'));
    expect(await files.finish()).toEqual([join(dir, 'Show.srt'), join(dir, 'Show.vtt')]);
    expect(read('Show.srt')).toBe(
      '1\n00:00:01,250 --> 00:00:03,150\nhello ‹b›world & (all)\n\n' +
        '2\n01:01:40,000 --> 01:01:41,400\nan hour later\n\n',
    );
    expect(read('Show.vtt')).toBe(
      'WEBVTT\n\n00:00:01.250 --> 00:00:03.150\nhello &lt;b&gt;world &amp; {all}\n\n' +
        '01:01:40.000 --> 01:01:41.400\nan hour later\n\n',
    );
    expect(onFailed).not.toHaveBeenCalled();
  });

  it('leaves out what was said while nothing was recorded, and the time of pauses', async () => {
    const files = await openFiles();
    files.heard(update(0, 90, 'too early'));
    files.heard(update(2, 101, 'before'));
    times.end(110 * SECOND);
    files.heard(update(3, 120, 'unrecorded'));
    times.begin(200 * SECOND);
    files.heard(update(4, 201, 'after'));
    await files.finish();
    expect(read('Show.srt')).toBe(
      '1\n00:00:01,000 --> 00:00:02,000\nbefore\n\n2\n00:00:11,000 --> 00:00:12,000\nafter\n\n',
    );
  });

  it('drafts are not written; confirmed they are, once', async () => {
    const files = await openFiles();
    files.heard(update(0, 101, 'wor', 'draft'));
    files.heard(update(0, 101, 'world', 'confirmed'));
    await files.finish();
    expect(read('Show.vtt')).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nworld\n\n');
  });

  it('a kill at any moment leaves every complete cue', async () => {
    const files = await openFiles();
    files.heard(update(0, 101, 'one'));
    files.heard(update(1, 111, 'two'));
    await vi.waitFor(() => expect(read('Show.vtt')).toContain('one'), { timeout: 10_000 });
    expect(read('Show.srt')).toBe('1\n00:00:01,000 --> 00:00:02,000\none\n\n');
    // A pause that is told writes the last one too.
    files.heard({ streamId: 0, epoch: 1, from: 2, words: [], heardUs: 113 * SECOND });
    await vi.waitFor(() => expect(read('Show.vtt')).toContain('two'), { timeout: 10_000 });
    await files.finish();
    expect(read('Show.srt').match(/two/g)).toHaveLength(1);
  });

  it('without a word there are no files', async () => {
    const files = await openFiles();
    expect(await files.finish()).toEqual([]);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('a folder that cannot be written is refused with captions.files', async () => {
    mkdirSync(join(dir, 'Show.vtt'));
    await expect(openFiles()).rejects.toMatchObject({ code: 'captions.files' });
  });

  it('a disk that fails is told once; the rest goes on', async () => {
    const files = await CaptionFiles.open({ basePath: join(dir, 'Show'), toFileUs: (us) => us, onFailed });
    await files.finish();
    for (let i = 0; i < 5; i++) files.heard(update(i, 10 * i, 'word'));
    await files.finish();
    expect(onFailed).toHaveBeenCalledTimes(1);
    expect(onFailed.mock.calls[0]![0]).toMatchObject({ code: 'captions.files' });
  });
});
