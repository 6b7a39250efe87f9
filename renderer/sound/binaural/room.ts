/** A position in metres from the head's centre: x front, y left, z up. */
export type Position = Float64Array;

/**
 * A shoebox along the listener's axes [B1]. Absorptions are of the walls x = 0, x = size,
 * y = 0, y = size, floor and ceiling; the listener's place is given from the corner, in metres.
 */
export type Room = {
  readonly size: readonly [number, number, number];
  readonly absorption: readonly [number, number, number, number, number, number];
  readonly listener: readonly [number, number, number];
};

/** The room of the programme, as `contracts/binaural.json` has it. */
export const DEFAULT_ROOM: Room = {
  size: [5, 4, 2.8],
  absorption: [0.35, 0.35, 0.35, 0.35, 0.25, 0.5],
  listener: [2.1, 1.8, 1.2],
};

/** A source keeps this far from every wall, m. */
const MARGIN_M = 0.1;
/** Sabine's constant, s/m. */
const SABINE = 0.161;

/** Unit vector of an azimuth (counter-clockwise from the front, +90 is left) and an elevation, degrees. */
export function directionInto(azimuthDeg: number, elevationDeg: number, out: Position): void {
  const azimuth = (azimuthDeg * Math.PI) / 180;
  const elevation = (elevationDeg * Math.PI) / 180;
  out[0] = Math.cos(azimuth) * Math.cos(elevation);
  out[1] = Math.sin(azimuth) * Math.cos(elevation);
  out[2] = Math.sin(elevation);
}

/**
 * Where a source of this direction and distance stands in the room. One that would be outside
 * comes nearer along its direction, so that it is heard from where it was put.
 */
export function standIn(room: Room, direction: Position, distanceM: number, out: Position): void {
  let reachM = distanceM;
  for (let axis = 0; axis < 3; axis++) {
    const part = direction[axis]!;
    if (Math.abs(part) < 1e-9) continue;
    const wallM = part > 0 ? room.size[axis]! - MARGIN_M : MARGIN_M;
    reachM = Math.min(reachM, (wallM - room.listener[axis]!) / part);
  }
  for (let axis = 0; axis < 3; axis++) out[axis] = direction[axis]! * reachM;
  moveInside(room, out);
}

/** Moves a position into the room, coordinate by coordinate [B1]. */
export function moveInside(room: Room, position: Position): void {
  for (let axis = 0; axis < 3; axis++) {
    const corner = position[axis]! + room.listener[axis]!;
    const inside = Math.min(Math.max(corner, MARGIN_M), room.size[axis]! - MARGIN_M);
    position[axis] = inside - room.listener[axis]!;
  }
}

/** What Sabine's formula makes of a room: reverberation time in s and room constant in m². */
export type Reverberation = { rt60S: number; roomConstantM2: number };

/** T = 0.161 V / A with A = Σ surface × absorption, and R = A / (1 − A/S) [B5]. */
export function reverberationOf({ size: [x, y, z], absorption }: Room): Reverberation {
  const surfaces = [y * z, y * z, x * z, x * z, x * y, x * y];
  const absorbed = surfaces.reduce((sum, surface, wall) => sum + surface * absorption[wall]!, 0);
  const total = surfaces.reduce((sum, surface) => sum + surface, 0);
  return { rt60S: (SABINE * x * y * z) / absorbed, roomConstantM2: absorbed / (1 - absorbed / total) };
}
