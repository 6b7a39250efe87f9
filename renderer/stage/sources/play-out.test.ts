import { describe, expect, it } from 'vitest';
import { PlayOut } from './play-out';

const FRAME_US = 33_333;
/** Pushes `count` pictures of a 30 fps stream, numbered from `from`. */
function burst(playOut: PlayOut<number>, from: number, count: number): void {
  for (let i = from; i < from + count; i++) playOut.push(i * FRAME_US, i);
}

describe('PlayOut', () => {
  it('shows nothing before a quarter of a second lies there, then begins with the first picture', () => {
    const playOut = new PlayOut<number>();
    burst(playOut, 0, 5);
    expect(playOut.at(0)).toBeNull();
    burst(playOut, 5, 10);
    expect(playOut.at(FRAME_US)).toBe(1);
  });

  it('plays every picture once, in order, while enough lies ahead', () => {
    const playOut = new PlayOut<number>();
    const shown: (number | null)[] = [];
    let made = 0;
    for (let tick = 0; tick < 300; tick++) {
      if (tick % 11 === 0) (burst(playOut, made, 11), (made += 11));
      shown.push(playOut.at(tick * FRAME_US));
      if (tick === 0) (burst(playOut, made, 22), (made += 22));
    }
    const numbers = shown.filter((value) => value !== null);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const steps = numbers.slice(1).map((value, i) => value - numbers[i]!);
    expect(Math.max(...steps)).toBeLessThanOrEqual(1);
    expect(numbers.at(-1)).toBeGreaterThan(285);
  });

  it('slows down for a maker at half speed and never jumps', () => {
    const playOut = new PlayOut<number>();
    const shown: number[] = [];
    let made = 0;
    for (let tick = 0; tick < 600; tick++) {
      if (tick % 22 === 0) (burst(playOut, made, 11), (made += 11));
      const value = playOut.at(tick * FRAME_US);
      if (value !== null) shown.push(value);
    }
    const steps = shown.slice(1).map((value, i) => value - shown[i]!);
    expect(Math.max(...steps)).toBeLessThanOrEqual(2);
    expect(shown.at(-1)).toBeGreaterThan(250);
  });

  it('holds the last picture in a drought and goes on with the next one after it', () => {
    const playOut = new PlayOut<number>();
    burst(playOut, 0, 12);
    for (let tick = 0; tick < 100; tick++) playOut.at(tick * FRAME_US);
    expect(playOut.at(100 * FRAME_US)).toBe(11);
    burst(playOut, 12, 12);
    const after = [101, 102, 103].map((tick) => playOut.at(tick * FRAME_US));
    expect(after[0]! - 11).toBeLessThanOrEqual(2);
    expect(after[2]).toBeGreaterThan(after[0]!);
  });

  it('holds the last picture and its time when the maker goes, and goes on behind it', () => {
    const playOut = new PlayOut<number>();
    burst(playOut, 0, 30);
    for (let tick = 0; tick < 10; tick++) playOut.at(tick * FRAME_US);
    const shown = playOut.at(10 * FRAME_US)!;
    playOut.interrupt();
    expect(playOut.at(11 * FRAME_US)).toBe(shown);
    burst(playOut, shown - 3, 20);
    expect([shown + 1, shown + 2]).toContain(playOut.at(12 * FRAME_US));
  });

  it('goes on where it stood after nobody looked for a minute', () => {
    const playOut = new PlayOut<number>();
    burst(playOut, 0, 40);
    const shown = playOut.at(FRAME_US)!;
    expect(playOut.at(60e6)).toBeLessThanOrEqual(shown + 4);
  });

  it('forgets everything at a cut', () => {
    const playOut = new PlayOut<number>();
    burst(playOut, 0, 30);
    playOut.at(0);
    playOut.clear();
    expect(playOut.at(FRAME_US)).toBeNull();
    expect([playOut.shownUs, playOut.aheadUs]).toEqual([0, 0]);
  });
});
