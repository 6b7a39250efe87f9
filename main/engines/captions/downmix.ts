/**
 * Interleaved samples as one channel, the mean of all [C1]. Values that are not numbers become
 * 0, those beyond full scale are clipped to it.
 */
export function downmix(payload: Uint8Array<ArrayBuffer>, channels: number): Float32Array {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const mono = new Float32Array(payload.byteLength / (4 * channels));
  for (let n = 0; n < mono.length; n++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      const value = view.getFloat32(4 * (n * channels + channel), true);
      if (!Number.isNaN(value)) sum += Math.min(1, Math.max(-1, value));
    }
    mono[n] = sum / channels;
  }
  return mono;
}
