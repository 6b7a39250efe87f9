/** Size of a fingerprint, pixels. */
export const FINGERPRINT_WIDTH = 32;
export const FINGERPRINT_HEIGHT = 18;
const PIXELS = FINGERPRINT_WIDTH * FINGERPRINT_HEIGHT;

/** A tiny luma picture of the programme: 32 × 18 bytes, rows top to bottom, and its programme time. */
export type Fingerprint = { timestampUs: number; luma: Uint8Array };

/** Who gives fingerprints: only while they are wanted, for they cost the stage a little. */
export type FingerprintFeed = {
  wantFingerprints(on: boolean): void;
  /** Returns the way to stop listening. */
  onFingerprint(listener: (fingerprint: Fingerprint) => void): () => void;
};

/**
 * A line through brightness may have changed it on its way (range, gamma, colour space), so pictures
 * are compared by the squared error that is left after the best gain and offset, as a share of their
 * contrast: 1 − ρ², where ρ is their correlation. 0 is the same picture, 1 nothing in common.
 */
const SAME_PICTURE = 0.3;
/** Standard deviation in grey levels below which a picture is one colour. */
const FLAT = 2;
/** Two pictures of one colour each are the same within so many grey levels. */
const FLAT_SAME = 48;
/** Frames this near to the best one may look like it, for pictures move little in so short a time. */
const NEIGHBOUR_US = 120_000;
/**
 * All others must be worse by this factor and this much, or nothing moves and no time can be told. The
 * factor is small because two ways of scaling leave an error that is the same for all.
 */
const CLEAR = { factor: 1.05, least: 5e-4 };

/** What a picture was found to be. */
export type FingerprintMatch = {
  /** Whether it is one of the programme's pictures at all. */
  shown: boolean;
  /** Which one; null where several look alike. */
  timestampUs: number | null;
};

/**
 * Finds a picture among the programme's own by least squares.
 * @param picture 32 × 18 luma bytes
 */
export function matchFingerprint(picture: Uint8Array, candidates: readonly Fingerprint[]): FingerprintMatch {
  const nowhere = { shown: false, timestampUs: null };
  if (picture.length !== PIXELS || candidates.length === 0) return nowhere;
  const seen = normalise(picture);
  if (seen === null) {
    const level = mean(picture);
    const same = ({ luma }: Fingerprint): boolean =>
      normalise(luma) === null && Math.abs(mean(luma) - level) <= FLAT_SAME;
    return { shown: candidates.some(same), timestampUs: null };
  }
  const errors = candidates.map(({ luma }) => {
    const known = normalise(luma);
    return known === null ? 1 : leastSquaresError(seen, known);
  });
  const best = errors.indexOf(Math.min(...errors));
  const least = errors[best]!;
  if (least > SAME_PICTURE) return nowhere;
  const atUs = candidates[best]!.timestampUs;
  const others = errors.filter((_, i) => Math.abs(candidates[i]!.timestampUs - atUs) > NEIGHBOUR_US);
  const clear = others.length > 0 && Math.min(...others) > least * CLEAR.factor + CLEAR.least;
  return { shown: true, timestampUs: clear ? atUs : null };
}

/** Scales a grey picture down to a fingerprint by the mean of the pixels under each of its own. */
export function shrinkToFingerprint(picture: {
  data: Uint8Array;
  width: number;
  height: number;
}): Uint8Array {
  const { data, width, height } = picture;
  const out = new Uint8Array(PIXELS);
  for (let y = 0; y < FINGERPRINT_HEIGHT; y += 1) {
    const top = Math.floor((y * height) / FINGERPRINT_HEIGHT);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * height) / FINGERPRINT_HEIGHT));
    for (let x = 0; x < FINGERPRINT_WIDTH; x += 1) {
      const left = Math.floor((x * width) / FINGERPRINT_WIDTH);
      const right = Math.max(left + 1, Math.floor(((x + 1) * width) / FINGERPRINT_WIDTH));
      let sum = 0;
      for (let row = top; row < bottom; row += 1) {
        for (let column = left; column < right; column += 1) sum += data[row * width + column]!;
      }
      out[y * FINGERPRINT_WIDTH + x] = Math.round(sum / ((bottom - top) * (right - left)));
    }
  }
  return out;
}

/** Mean 0 and length 1; null for a picture of one colour, which has no shape. */
function normalise(luma: Uint8Array): Float64Array | null {
  const level = mean(luma);
  const out = Float64Array.from(luma, (value) => value - level);
  const length = Math.sqrt(out.reduce((sum, value) => sum + value * value, 0));
  if (length < FLAT * Math.sqrt(PIXELS)) return null;
  return out.map((value) => value / length);
}

/** A negative would be the same up to a gain; it is not the same picture. */
function leastSquaresError(a: Float64Array, b: Float64Array): number {
  let correlation = 0;
  for (let i = 0; i < a.length; i += 1) correlation += a[i]! * b[i]!;
  return correlation <= 0 ? 1 : 1 - correlation * correlation;
}

function mean(luma: Uint8Array): number {
  return luma.reduce((sum, value) => sum + value, 0) / luma.length;
}
