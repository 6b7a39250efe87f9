import { expect, test } from 'vitest';
import { urlProblem } from './destination-url';

test('addresses that can be tried pass', () => {
  expect(urlProblem('rtmp', 'rtmp://live.example.com/app')).toBeNull();
  expect(urlProblem('rtmp', ' rtmps://a.rtmps.youtube.com:443/live2 ')).toBeNull();
  expect(urlProblem('srt', 'srt://127.0.0.1:9000?latency=120000')).toBeNull();
});

test('each other address is refused with its reason', () => {
  expect(urlProblem('rtmp', '')).toMatch(/missing/);
  expect(urlProblem('rtmp', 'https://x')).toMatch(/rtmp:/);
  expect(urlProblem('srt', 'srt://host')).toMatch(/port/);
  expect(urlProblem('rtmp', 'rtmp://me:secret@host/app')).toMatch(/key field/);
  expect(urlProblem('rtmp', 'rtmp://')).toMatch(/no address/);
  expect(urlProblem('rtmp', 'rtmp://live.example.com')).toMatch(/application/);
});
