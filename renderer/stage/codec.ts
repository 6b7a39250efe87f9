import type { Programme } from '../../contract/project';

/** Limits of H.264 levels (ITU-T H.264 table A-1): macroblocks a second, macroblocks a picture, kbit/s. */
const LEVELS = [
  { level: 0x1f, macroblocksPerS: 108_000, picture: 3600, kbps: 14_000 },
  { level: 0x20, macroblocksPerS: 216_000, picture: 5120, kbps: 20_000 },
  { level: 0x28, macroblocksPerS: 245_760, picture: 8192, kbps: 20_000 },
  { level: 0x29, macroblocksPerS: 245_760, picture: 8192, kbps: 50_000 },
  { level: 0x2a, macroblocksPerS: 522_240, picture: 8704, kbps: 50_000 },
  { level: 0x32, macroblocksPerS: 589_824, picture: 22_080, kbps: 135_000 },
  { level: 0x33, macroblocksPerS: 983_040, picture: 36_864, kbps: 240_000 },
] as const;

/** High, Main, Constrained Baseline: profile and constraint bytes. */
const PROFILES = ['6400', '4d00', '42e0'] as const;

/** What of a programme an encoder needs to know. */
export type EncoderFormat = Pick<Programme, 'width' | 'height' | 'fps' | 'videoBitrateKbps'>;

/** The lowest H.264 level that holds this picture size, rate and bit rate, as in a codec string. */
export function h264Level(format: EncoderFormat): number {
  const picture = Math.ceil(format.width / 16) * Math.ceil(format.height / 16);
  const fits = LEVELS.find(
    (limit) =>
      picture <= limit.picture &&
      picture * format.fps <= limit.macroblocksPerS &&
      format.videoBitrateKbps <= limit.kbps,
  );
  return (fits ?? LEVELS[LEVELS.length - 1]!).level;
}

/** Codec strings to try, best picture first. */
export function h264Codecs(format: EncoderFormat): string[] {
  const level = h264Level(format).toString(16).padStart(2, '0');
  return PROFILES.map((profile) => `avc1.${profile}${level}`);
}

/** The encoder settings of the programme for one codec string. */
export function encoderConfig(format: EncoderFormat, codec: string): VideoEncoderConfig {
  return {
    codec,
    width: format.width,
    height: format.height,
    bitrate: format.videoBitrateKbps * 1000,
    framerate: format.fps,
    latencyMode: 'realtime',
    bitrateMode: 'constant',
    // `prefer-hardware` is a demand, not a wish, in Chromium: it fails where there is none.
    hardwareAcceleration: 'no-preference',
    avc: { format: 'avc' },
  };
}

/** The best configuration this machine supports; null when it has no H.264 encoder. */
export async function findEncoderConfig(format: EncoderFormat): Promise<VideoEncoderConfig | null> {
  for (const codec of h264Codecs(format)) {
    const config = encoderConfig(format, codec);
    const support = await VideoEncoder.isConfigSupported(config).catch(() => null);
    if (support?.supported === true) return config;
  }
  return null;
}
