import { readFileSync } from 'node:fs';

/** Mono samples of a 16-bit PCM WAV file, −1 to 1. */
export function readWav(path: string): { samples: Float32Array; sampleRate: number } {
  const bytes = readFileSync(path);
  if (bytes.toString('latin1', 0, 4) !== 'RIFF') throw new Error(`${path} is not a WAV file.`);
  let sampleRate = 0;
  for (let at = 12; at + 8 <= bytes.length;) {
    const [id, length] = [bytes.toString('latin1', at, at + 4), bytes.readUInt32LE(at + 4)];
    if (id === 'fmt ') {
      if (bytes.readUInt16LE(at + 10) !== 1 || bytes.readUInt16LE(at + 22) !== 16) {
        throw new Error(`${path} must be 16-bit mono.`);
      }
      sampleRate = bytes.readUInt32LE(at + 12);
    } else if (id === 'data') {
      const count = Math.min(length, bytes.length - at - 8) >> 1;
      const samples = Float32Array.from(
        { length: count },
        (_, n) => bytes.readInt16LE(at + 8 + 2 * n) / 32_768,
      );
      return { samples, sampleRate };
    }
    at += 8 + length + (length % 2);
  }
  throw new Error(`${path} has no sound.`);
}

/** Takes sound from 16 kHz to 48 kHz by a windowed sinc of 32 samples on each side. */
export function to48k(samples: Float32Array): Float32Array {
  const side = 32;
  const taps = [0, 1, 2].map((phase) =>
    Float64Array.from({ length: 2 * side }, (_, i) => {
      const x = i - side + 1 - phase / 3;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / side);
      return x === 0 ? 1 : (Math.sin(Math.PI * x) / (Math.PI * x)) * window;
    }),
  );
  return Float32Array.from({ length: 3 * samples.length }, (_, n) => {
    const from = Math.floor(n / 3) - side + 1;
    let sum = 0;
    for (let i = 0; i < 2 * side; i++) sum += taps[n % 3]![i]! * (samples[from + i] ?? 0);
    return sum;
  });
}
