import type { StudioError } from '../../contract/errors';

/**
 * What travels from the programme to its outputs. All times are programme microseconds;
 * sound is always interleaved stereo f32 at 48 kHz.
 */

/** Sample rate of the programme's sound, in hertz. */
export const SAMPLE_RATE = 48_000;
/** Channels of the programme's sound. */
export const CHANNELS = 2;

/** How the video packets that follow are to be decoded. */
export type VideoConfig = {
  /** RFC 6381 string, for example `avc1.640028`. */
  codec: string;
  /** The avcC record (AVCDecoderConfigurationRecord). */
  description: Uint8Array;
  width: number;
  height: number;
  fps: number;
};

/** One H.264 access unit, length-prefixed (`avc`). */
export type VideoPacket = {
  data: Uint8Array;
  timestampUs: number;
  durationUs: number;
  /** Can be decoded on its own. */
  key: boolean;
};

/** A run of programme sound; `samples` has `frames` × 2 values. */
export type AudioPacket = {
  samples: Float32Array;
  timestampUs: number;
  frames: number;
};

/**
 * What an output gives to the bus. A sink is started once, at a key frame; what follows is
 * monotonic on each track and free of gaps. Calls are synchronous: a sink that cannot keep up
 * says so with `ready`.
 */
export type ProgrammeSink = {
  /** For counters and errors. */
  name: string;
  /** Begins at the key frame of `startUs`; its packet follows, and sound from exactly there. */
  onStart(config: VideoConfig, startUs: number): void;
  /** From the next packet on, which is a key frame, video is decoded in another way. */
  onConfig(config: VideoConfig): void;
  onVideo(packet: VideoPacket): void;
  onAudio(packet: AudioPacket): void;
  /** Settles when the sink has room again; undefined when it has. Only lossless sinks have this. */
  ready?(): Promise<void> | undefined;
  /** One of the calls above threw: nothing more comes, and the output must say that it ended. */
  onDetached?(error: StudioError): void;
};

/** Whether packets of both can follow one another in one track. */
export function sameVideoConfig(a: VideoConfig, b: VideoConfig): boolean {
  return (
    a.codec === b.codec &&
    a.width === b.width &&
    a.height === b.height &&
    a.description.byteLength === b.description.byteLength &&
    a.description.every((byte, index) => byte === b.description[index])
  );
}

/** Programme time at which an audio packet ends. */
export function audioEndUs(packet: AudioPacket): number {
  return packet.timestampUs + framesToUs(packet.frames);
}

/** Length of `frames` sample frames in microseconds. */
export function framesToUs(frames: number): number {
  return (frames * 1e6) / SAMPLE_RATE;
}

/** Sample frames in `us` microseconds, rounded to the nearest. */
export function usToFrames(us: number): number {
  return Math.round((us * SAMPLE_RATE) / 1e6);
}

/** The part of an audio packet from `startUs` on; null when nothing is left. */
export function trimAudioStart(packet: AudioPacket, startUs: number): AudioPacket | null {
  const cut = usToFrames(startUs - packet.timestampUs);
  if (cut <= 0) return packet;
  if (cut >= packet.frames) return null;
  return {
    samples: packet.samples.subarray(cut * CHANNELS),
    timestampUs: packet.timestampUs + framesToUs(cut),
    frames: packet.frames - cut,
  };
}
