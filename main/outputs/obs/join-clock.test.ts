import { describe, expect, it } from 'vitest';
import { framesToUs, type AudioPacket } from '../packets';
import { JoinClock } from './join-clock';

const FRAME_US = 33_333;
const LEAD_US = 60_000;

function sound(timestampUs: number): AudioPacket {
  return { samples: new Float32Array(960), timestampUs, frames: 480 };
}

/** A clock at which pictures and sound came for `waitUs` before the line was up. */
function joined(waitUs: number): { clock: JoinClock; atUs: number; sent: number[]; soundEndUs: number } {
  let nowUs = 5e6;
  const clock = new JoinClock(() => nowUs, LEAD_US);
  const sent: number[] = [];
  let soundEndUs = 0;
  for (; nowUs < 5e6 + waitUs; nowUs += 10_000) {
    if ((nowUs - 5e6) % 30_000 === 0) sent.push(clock.video(nowUs));
    const piece = clock.audio(sound(nowUs));
    if (piece !== null) soundEndUs = piece.atUs + framesToUs(piece.packet.frames);
  }
  clock.connected();
  return { clock, atUs: nowUs, sent, soundEndUs };
}

describe('JoinClock', () => {
  it('squeezes the pictures of the wait together and sends little of their sound', () => {
    const { sent, soundEndUs } = joined(900_000);
    expect(sent[0]).toBe(0);
    expect(sent.at(-1)! - sent[0]!).toBeLessThan(40_000);
    expect(soundEndUs).toBe(100_000);
  });

  it('shows a picture of now after the same time, however long the wait was', () => {
    for (const waitUs of [100_000, 900_000, 3_000_000]) {
      const { clock, atUs } = joined(waitUs);
      // The player began its clock when the line was up: stream time 0 is that moment.
      expect(clock.video(atUs + 500_000)).toBe(500_000 + LEAD_US);
      expect(clock.audio(sound(atUs + 500_000))!.atUs).toBe(500_000 + LEAD_US);
    }
  });

  it('never lets times run backwards, through the join and when it is hastened', () => {
    const { clock, atUs, sent, soundEndUs } = joined(700_000);
    let [pictureUs, endUs] = [sent.at(-1)!, soundEndUs];
    for (let index = 0; index < 200; index += 1) {
      if (index === 100) clock.hasten(150_000);
      const at = clock.video(atUs + index * FRAME_US);
      expect(at).toBeGreaterThan(pictureUs);
      pictureUs = at;
      const piece = clock.audio(sound(atUs + index * 10_000));
      if (piece === null) continue;
      expect(piece.atUs).toBeGreaterThanOrEqual(endUs - 25);
      endUs = piece.atUs + framesToUs(piece.packet.frames);
    }
    expect(pictureUs).toBeCloseTo(199 * FRAME_US + LEAD_US - 150_000, 0);
  });
});
