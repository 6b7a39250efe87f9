import { BLOCK_FRAMES, EarlyRender, SourceRing } from './early-render';
import { Glide, isJump } from './glide';
import { DEFAULT_ROOM, directionInto, standIn, type Position, type Room } from './room';
import { RoomTail } from './room-tail';

/** Blocks in which one render fades over to another after a jump (10.7 ms). */
export const JUMP_BLOCKS = 4;
/** The most by which the room's share changes in a block. */
const ROOM_STEP = 1 / 16;

/** Where a source stands and how much of the room is heard. */
export type Pose = {
  /** Counter-clockwise from the front: +90 is left. */
  azimuthDeg: number;
  elevationDeg: number;
  distanceM: number;
  /** 0 is the direct sound alone, 1 the whole room. */
  room: number;
};

/**
 * One source around a listener, rendered from mono in blocks of 128: glides to a place near by,
 * fades over to one that is far [B6]. Made once; rendering allocates nothing.
 */
export class ParametricRender {
  /** Where the source was at the end of the last block: unit vector (front, left, up), distance in m. */
  readonly pose = new Float32Array(4);
  readonly #room: Room;
  readonly #ring = new SourceRing();
  readonly #tail: RoomTail;
  readonly #glide = new Glide();
  readonly #wanted: Position = new Float64Array(3);
  readonly #direction: Position = new Float64Array(3);
  readonly #leaving: Position = new Float64Array(3);
  readonly #otherLeft = new Float32Array(BLOCK_FRAMES);
  readonly #otherRight = new Float32Array(BLOCK_FRAMES);
  readonly #fades = fadeTable();
  #now: EarlyRender;
  #other: EarlyRender;
  /** Blocks of a fade that are done; −1 when there is none. */
  #faded = -1;
  #roomAmount: number;
  #roomWanted: number;

  constructor(pose: Pose, room: Room = DEFAULT_ROOM) {
    this.#room = room;
    this.#tail = new RoomTail(room);
    this.#now = new EarlyRender(room);
    this.#other = new EarlyRender(room);
    this.#roomAmount = pose.room;
    this.#roomWanted = pose.room;
    this.aim(pose);
    this.#glide.jump(this.#wanted);
    this.#now.place(this.#wanted);
    this.#setPose();
  }

  /** Where the source shall be; values that are not numbers are ignored. */
  aim({ azimuthDeg, elevationDeg, distanceM, room }: Pose): void {
    if (!Number.isFinite(azimuthDeg + elevationDeg + distanceM + room)) return;
    directionInto(azimuthDeg, elevationDeg, this.#direction);
    standIn(this.#room, this.#direction, Math.max(distanceM, 0), this.#wanted);
    this.#roomWanted = Math.min(Math.max(room, 0), 1);
  }

  /** Renders the next 128 samples. */
  render(mono: Float32Array, left: Float32Array, right: Float32Array): void {
    this.#ring.write(mono);
    const roomFrom = this.#roomAmount;
    const change = Math.min(Math.max(this.#roomWanted - roomFrom, -ROOM_STEP), ROOM_STEP);
    const roomTo = roomFrom + change;
    this.#roomAmount = roomTo;
    if (this.#faded < 0 && isJump(this.#glide.position, this.#wanted)) this.#beginFade(roomFrom);
    if (this.#faded < 0) this.#glide.aim(this.#wanted);
    this.#glide.step();
    this.#now.render(this.#ring, this.#glide.position, roomFrom, roomTo, left, right);
    if (this.#faded >= 0) this.#fade(roomFrom, roomTo, left, right);
    this.#tail.add(mono, roomFrom, roomTo, left, right);
    this.#setPose();
  }

  /** The render so far goes on where it is and is faded out; another begins at the new place. */
  #beginFade(roomAmount: number): void {
    this.#leaving.set(this.#glide.position);
    const fresh = this.#other;
    this.#other = this.#now;
    this.#now = fresh;
    this.#glide.jump(this.#wanted);
    fresh.warmUp(this.#ring, this.#wanted, roomAmount, this.#otherLeft);
    this.#faded = 0;
  }

  #fade(roomFrom: number, roomTo: number, left: Float32Array, right: Float32Array): void {
    const oldLeft = this.#otherLeft;
    const oldRight = this.#otherRight;
    this.#other.render(this.#ring, this.#leaving, roomFrom, roomTo, oldLeft, oldRight);
    const at = this.#faded * BLOCK_FRAMES;
    for (let j = 0; j < BLOCK_FRAMES; j++) {
      const share = this.#fades[at + j]!;
      left[j] = oldLeft[j]! + share * (left[j]! - oldLeft[j]!);
      right[j] = oldRight[j]! + share * (right[j]! - oldRight[j]!);
    }
    this.#faded = this.#faded + 1 === JUMP_BLOCKS ? -1 : this.#faded + 1;
  }

  #setPose(): void {
    const [x, y, z] = this.#glide.position as unknown as [number, number, number];
    const distance = Math.max(Math.hypot(x, y, z), 1e-9);
    this.pose[0] = x / distance;
    this.pose[1] = y / distance;
    this.pose[2] = z / distance;
    this.pose[3] = distance;
  }
}

/** Raised cosine over the whole fade: no corner that could be heard. */
function fadeTable(): Float32Array {
  const frames = JUMP_BLOCKS * BLOCK_FRAMES;
  return Float32Array.from({ length: frames }, (_, n) => 0.5 - 0.5 * Math.cos((Math.PI * (n + 1)) / frames));
}
