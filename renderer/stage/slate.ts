import { FrameKind, type FrameHeader } from '../../contract/frame';
import type { EncoderFormat } from './codec';
import { bytesOf, equalBytes, videoHeader } from './encoder';
import { memoryCanvas } from './picture';
import { signalFrame } from './signal';
import { tickUs } from './ticker';

/** Two seconds: one closed GOP that can be repeated. */
export const SLATE_FRAMES = 60;

/** One packet of the slate; its time counts from the slate's beginning. */
export type SlatePacket = { header: FrameHeader; payload: Uint8Array };

/**
 * Encodes the card that stands in for the programme while the studio window is away, with
 * the live encoder's own configuration, so that both can be spliced without a new header.
 * @param pause awaited between frames, so that the programme's ticks go first.
 * @returns null when this encoder's description differs from the programme's: it cannot be spliced.
 */
export async function encodeSlate(
  config: VideoEncoderConfig,
  format: EncoderFormat,
  description: Uint8Array,
  pause: () => Promise<void>,
): Promise<SlatePacket[] | null> {
  const packets: SlatePacket[] = [];
  let fits = true;
  const failures: DOMException[] = [];
  const encoder = new VideoEncoder({
    output: (chunk, metadata) => {
      const given = metadata?.decoderConfig?.description;
      if (given !== undefined && !equalBytes(bytesOf(given), description)) fits = false;
      const payload = new Uint8Array(chunk.byteLength);
      chunk.copyTo(payload);
      packets.push({ header: videoHeader(FrameKind.slate, chunk, format, packets.length), payload });
    },
    error: (error) => {
      failures.push(error);
    },
  });
  const canvas = drawSlate(format);
  try {
    encoder.configure(config);
    for (let index = 0; index < SLATE_FRAMES && failures.length === 0; index += 1) {
      const timestamp = tickUs(index);
      const frame = await signalFrame(canvas, { timestamp, duration: tickUs(index + 1) - timestamp });
      encoder.encode(frame, { keyFrame: index === 0 });
      frame.close();
      await pause();
    }
    await encoder.flush();
  } finally {
    if (encoder.state !== 'closed') encoder.close();
  }
  if (failures[0] !== undefined) throw failures[0];
  return fits ? packets : null;
}

/** The card itself: the house's dark ground with its amber. */
export function drawSlate(format: Pick<EncoderFormat, 'width' | 'height'>): OffscreenCanvas {
  const { width, height } = format;
  const { canvas, context } = memoryCanvas(width, height, false);
  context.fillStyle = '#14110f';
  context.fillRect(0, 0, width, height);
  const glow = context.createRadialGradient(
    width / 2,
    height * 0.44,
    0,
    width / 2,
    height * 0.44,
    height * 0.7,
  );
  glow.addColorStop(0, 'rgba(245, 165, 36, 0.16)');
  glow.addColorStop(1, 'rgba(245, 165, 36, 0)');
  context.fillStyle = glow;
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#f5a524';
  context.beginPath();
  context.roundRect(width / 2 - height * 0.06, height * 0.56, height * 0.12, height * 0.008, height * 0.004);
  context.fill();
  context.fillStyle = '#f3ece4';
  context.font = `600 ${Math.round(height * 0.085)}px system-ui, "DejaVu Sans", sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText('Back in a moment', width / 2, height * 0.46);
  return canvas;
}
