import { describe, expect, it } from 'vitest';
import { StudioError } from '../../contract/errors';
import { outputTarget } from './destination-url';

function rtmp(url: string, key: string): string {
  return outputTarget({ protocol: 'rtmp', url }, key).url;
}

function srt(url: string, key = ''): URL {
  return new URL(outputTarget({ protocol: 'srt', url }, key).url);
}

describe('an RTMP target', () => {
  it.each([
    ['rtmp://live.example.org/app', 'abc', 'rtmp://live.example.org/app/abc'],
    ['rtmp://live.example.org/app/', '/abc', 'rtmp://live.example.org/app/abc'],
    [
      'rtmps://live.example.org:443/app',
      'abc?bandwidthtest=true',
      'rtmps://live.example.org:443/app/abc?bandwidthtest=true',
    ],
    ['rtmp://127.0.0.1:1935/app/stream', '', 'rtmp://127.0.0.1:1935/app/stream'],
  ])('joins %s and %s', (url, key, joined) => {
    expect(rtmp(url, key)).toBe(joined);
  });

  it.each([
    ['', 'destination.invalid'],
    ['live.example.org/app', 'destination.invalid'],
    ['http://live.example.org/app', 'destination.invalid'],
    ['srt://live.example.org:9000', 'destination.invalid'],
    ['rtmp:///app', 'destination.invalid'],
    ['rtmp://live.example.org', 'destination.invalid'],
    ['file:///etc/passwd', 'destination.invalid'],
  ])('refuses the address %j', (url, code) => {
    expect(() => rtmp(url, 'topsecret')).toThrow(expect.objectContaining({ code }));
  });

  it('needs a key where the address names no stream', () => {
    expect(() => rtmp('rtmp://live.example.org/app', '')).toThrow(
      expect.objectContaining({ code: 'destination.key-missing' }),
    );
  });

  it('refuses a key with spaces without repeating it', () => {
    try {
      rtmp('rtmp://live.example.org/app', 'top secret');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(StudioError);
      expect((error as StudioError).message).not.toContain('secret');
    }
  });
});

describe('an SRT target', () => {
  it('calls with a latency in microseconds and packets that fit MPEG-TS', () => {
    const { searchParams } = srt('srt://127.0.0.1:9000');
    expect(Object.fromEntries(searchParams)).toEqual({
      mode: 'caller',
      latency: '200000',
      connect_timeout: '5000',
      pkt_size: '1316',
    });
  });

  it('keeps what the address says', () => {
    const { searchParams } = srt('srt://127.0.0.1:9000?latency=50000&mode=listener');
    expect(searchParams.get('latency')).toBe('50000');
    expect(searchParams.get('mode')).toBe('listener');
  });

  it('takes a plain key as stream id', () => {
    expect(srt('srt://127.0.0.1:9000', 'publish/one').searchParams.get('streamid')).toBe('publish/one');
  });

  it('takes passphrase and stream id from the key, and lists both as secrets', () => {
    const target = outputTarget(
      { protocol: 'srt', url: 'srt://127.0.0.1:9000' },
      'streamid=one&passphrase=long-enough-phrase',
    );
    expect(new URL(target.url).searchParams.get('passphrase')).toBe('long-enough-phrase');
    expect(target.secrets).toEqual(expect.arrayContaining(['one', 'long-enough-phrase']));
  });

  it.each(['srt://127.0.0.1', 'srt://127.0.0.1:9000?latency=soon', 'srt://127.0.0.1:9000?passphrase=short'])(
    'refuses %s',
    (url) => {
      expect(() => srt(url)).toThrow(expect.objectContaining({ code: 'destination.invalid' }));
    },
  );
});
