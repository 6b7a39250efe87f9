import { StudioError } from '../../../contract/errors';
import {
  FRAME_HEADER_BYTES,
  FrameFormat,
  PLACED_BLOCK_BYTES,
  writeFrameHeader,
  type Frame,
  type FrameHeader,
} from '../../../contract/frame';
import type { PlacedBlocks } from './flow-stream';
import { HOP_FRAMES, TRANSFORM_DELAY_BLOCKS } from './stft';

/** The longest piece that is taken: a quarter of a second. */
export const MAX_BLOCKS = 96;
const POSE_VALUES = 4;
const BLOCK_VALUES = PLACED_BLOCK_BYTES / 4;
const STEREO_VALUES = 2 * HOP_FRAMES;
/** Length of a block, µs. */
const BLOCK_US = (HOP_FRAMES * 1e6) / 48_000;

/**
 * Reads a placed voice, copying it out of the socket's memory.
 * @throws StudioError `message.invalid` when it is of another format, empty, too long, or has
 * values that are not numbers.
 */
export function readPlaced({ header, payload }: Frame): PlacedBlocks {
  const blocks = payload.length / PLACED_BLOCK_BYTES;
  if (
    header.format !== FrameFormat.placed ||
    !Number.isInteger(blocks) ||
    blocks < 1 ||
    blocks > MAX_BLOCKS
  ) {
    throw invalid(
      `must be 1 to ${MAX_BLOCKS} placed blocks (format ${FrameFormat.placed}), got format ${header.format} with ${payload.length} bytes`,
    );
  }
  const values = new Float32Array(payload.slice().buffer);
  if (!values.every(Number.isFinite)) throw invalid('must hold numbers only, got values that are none');
  const poses = new Float32Array(blocks * POSE_VALUES);
  const stereo = new Float32Array(blocks * STEREO_VALUES);
  for (let block = 0; block < blocks; block++) {
    const at = block * BLOCK_VALUES;
    poses.set(values.subarray(at, at + POSE_VALUES), block * POSE_VALUES);
    stereo.set(values.subarray(at + POSE_VALUES, at + BLOCK_VALUES), block * STEREO_VALUES);
  }
  return { blocks, poses, stereo };
}

/** What of an answer differs from its question. */
export type AnswerMarks = { appliedVersion: number; seed: number; doneUs: number };

/**
 * The answer to a placed voice: stereo samples numbered by themselves. They come 384 samples
 * (three blocks) late, so `sequence` is the question's less 3 and `captureUs` is 8 ms earlier;
 * blocks from before the stream began (`fresh`: how many of this piece are) are left out [B13].
 * @returns null when nothing is left.
 */
export function writeRefined(
  question: FrameHeader,
  samples: Float32Array,
  fresh: number,
  marks: AnswerMarks,
): ArrayBuffer | null {
  const heard = samples.subarray(fresh * STEREO_VALUES);
  if (heard.length === 0) return null;
  const shift = fresh - TRANSFORM_DELAY_BLOCKS;
  const message = new ArrayBuffer(FRAME_HEADER_BYTES + heard.byteLength);
  new Float32Array(message, FRAME_HEADER_BYTES).set(heard);
  const header: FrameHeader = {
    ...question,
    ...marks,
    format: FrameFormat.f32,
    sequence: question.sequence + shift,
    captureUs: Math.max(0, question.captureUs + shift * BLOCK_US),
    durationUs: (heard.length / STEREO_VALUES) * BLOCK_US,
  };
  writeFrameHeader(message, header, heard.byteLength);
  return message;
}

function invalid(rule: string): StudioError {
  return new StudioError('engine', 'message.invalid', `A voice for the binaural engine ${rule}.`);
}
