/** A 16-bit WAV file of one channel; `sample` gives values in −1…1. */
export function monoWav(frames: number, sample: (index: number) => number, rate = 48_000): Buffer {
  const file = Buffer.alloc(44 + frames * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + frames * 2, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(frames * 2, 40);
  for (let i = 0; i < frames; i++) file.writeInt16LE(Math.round(sample(i) * 32_768), 44 + i * 2);
  return file;
}
