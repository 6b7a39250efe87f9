import { describe, expect, it } from 'vitest';
import { LineTail } from './line-tail';
import { REDACTED, redact, redactFfmpeg, registerSecret } from './redact';

describe('redaction', () => {
  it('strikes out a registered secret in every form, until it is forgotten twice', () => {
    const first = registerSecret('a b/ü&c=d');
    const second = registerSecret('a b/ü&c=d');
    const text = `x a b/ü&c=d y ${encodeURIComponent('a b/ü&c=d')}`;
    expect(redact(text)).toBe(`x ${REDACTED} y ${REDACTED}`);
    first();
    first();
    expect(redact(text)).not.toContain('ü');
    second();
    expect(redact('x a b/ü&c=d')).toContain('a b/ü');
  });

  it('strikes out each value of a secret that is a query', () => {
    const forget = registerSecret('streamid=live-one&passphrase=hunter2hunter2');
    expect(redact('id live-one phrase hunter2hunter2')).toBe(`id ${REDACTED} phrase ${REDACTED}`);
    forget();
  });

  it.each([
    ['rtmp://host/app/k3y', `rtmp://host/app/${REDACTED}`],
    [
      "Opening 'rtmps://host:443/app/inst/k3y?x=1' failed",
      `Opening 'rtmps://host:443/app/${REDACTED}' failed`,
    ],
    ['srt://h:1?passphrase=pppp&latency=5', `srt://h:1?passphrase=${REDACTED}&latency=5`],
    ['srt://h:1?latency=5&streamid=#!::r=x,m=publish', `srt://h:1?latency=5&streamid=${REDACTED},m=publish`],
    ['https://me:pw@host/x', `https://${REDACTED}@host/x`],
  ])('strikes out what looks like a secret in %s', (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it('leaves a line of a session log readable, whatever its texts say', () => {
    const entry = { name: "The stream's on", text: 'key=abc"d', next: "Tom's mic", url: 'rtmp://h/a/k"x' };
    const clean = JSON.parse(redact(JSON.stringify(entry))) as typeof entry;
    expect(clean.name).toBe(entry.name);
    expect(clean.next).toBe(entry.next);
    expect(clean.text).not.toContain('abc');
    expect(clean.url).not.toContain('/k');
  });

  it('strikes out what ffmpeg quotes as a stream, within one line', () => {
    expect(redactFfmpeg("Creating stream: 'k3y' now")).toBe(`Creating stream: '${REDACTED}' now`);
    const text = `{"a":"The stream's on","b":"Tom's mic"}`;
    expect(redactFfmpeg(text)).toBe(text);
  });

  it('leaves ordinary lines alone', () => {
    const line = 'frame= 120 fps= 30 q=-1.0 size= 1234kB time=00:00:04.00 bitrate=2500.1kbits/s';
    expect(redact(line)).toBe(line);
  });
});

describe('a tail of lines', () => {
  it('keeps the last ones, redacted although the secret came in pieces', () => {
    const forget = registerSecret('s3cr3t-k3y');
    const lines: string[] = [];
    const tail = new LineTail(2, (line) => lines.push(line));
    tail.push('one\ntwo s3cr');
    tail.push('3t-k3y\nthree\nfour s3cr3t-k3y');
    expect(lines).toEqual(['one', `two ${REDACTED}`, 'three']);
    expect(tail.text()).toBe(`two ${REDACTED}\nthree\nfour ${REDACTED}`);
    forget();
  });

  it('is bounded although no line ever ends', () => {
    const tail = new LineTail(5);
    for (let i = 0; i < 1000; i += 1) tail.push('x'.repeat(1000));
    expect(tail.text().length).toBeLessThanOrEqual(2_000);
  });
});
