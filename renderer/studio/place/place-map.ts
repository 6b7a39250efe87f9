import type { BinauralSettings } from '../../../contract/project';
import { fitToScale, type Scale } from '../model/scale';

/** A point of the map from above: the listener is at 0,0, the front is up (y −1), the rim has radius 1. */
export type MapPoint = { x: number; y: number };

/** Direction and distance of a placed strip. */
export type Place = Pick<BinauralSettings, 'azimuthDeg' | 'elevationDeg' | 'distanceM'>;

export const AZIMUTH: Scale = { min: -180, max: 180, step: 5, fine: 1 };
export const ELEVATION: Scale = { min: -90, max: 90, step: 5, fine: 1 };
export const DISTANCE: Scale = { min: 0.2, max: 20, step: 0.1, fine: 0.01 };
/** The circles that are drawn, m. */
export const RINGS_M = [1, 2, 5] as const;

/** The head takes the middle: the nearest place lies on its edge. */
const HEAD_RADIUS = 0.12;
const SPAN = Math.log(DISTANCE.max / DISTANCE.min);

/** Radius on the map, 0 to 1, of a distance in metres: logarithmic, as nearness is heard. */
export function radiusOf(distanceM: number): number {
  return HEAD_RADIUS + (1 - HEAD_RADIUS) * (Math.log(distanceM / DISTANCE.min) / SPAN);
}

/** Where a place is drawn. */
export function toMap({ azimuthDeg, distanceM }: Place): MapPoint {
  const angle = (azimuthDeg * Math.PI) / 180;
  const radius = radiusOf(distanceM);
  // Azimuth counts counter-clockwise from the front: +90 is left. Adding 0 keeps −0 out of the page.
  return { x: -radius * Math.sin(angle) + 0, y: -radius * Math.cos(angle) + 0 };
}

/** The place under a point of the map, in whole fine steps; the middle keeps the direction of `before`. */
export function fromMap({ x, y }: MapPoint, before: Place): Place {
  const radius = Math.hypot(x, y);
  const part = (Math.min(1, Math.max(HEAD_RADIUS, radius)) - HEAD_RADIUS) / (1 - HEAD_RADIUS);
  const azimuthDeg = radius < 1e-6 ? before.azimuthDeg : (Math.atan2(-x, -y) * 180) / Math.PI;
  return {
    azimuthDeg: fitToScale(azimuthDeg, AZIMUTH),
    elevationDeg: before.elevationDeg,
    distanceM: fitToScale(DISTANCE.min * Math.exp(part * SPAN), DISTANCE),
  };
}

/** Turns a place by so many degrees, past the back as well. */
export function turned(place: Place, byDeg: number): Place {
  const wrapped = ((((place.azimuthDeg + byDeg + 180) % 360) + 360) % 360) - 180;
  return { ...place, azimuthDeg: wrapped + 0 };
}

/** A direction as people say it: `in front`, `30° left`, `behind`, `120° right`. */
export function directionWords(azimuthDeg: number): string {
  const degrees = Math.round(Math.abs(azimuthDeg));
  if (degrees === 0) return 'in front';
  if (degrees === 180) return 'behind';
  return `${degrees}° ${azimuthDeg > 0 ? 'left' : 'right'}`;
}

/** A whole place in words, for those who hear the page. */
export function placeWords({ azimuthDeg, elevationDeg, distanceM }: Place): string {
  const height = Math.round(elevationDeg);
  const up = height === 0 ? '' : `, ${Math.abs(height)}° ${height > 0 ? 'up' : 'down'}`;
  return `${directionWords(azimuthDeg)}${up}, ${distanceM.toFixed(distanceM < 10 ? 2 : 1)} m`;
}
