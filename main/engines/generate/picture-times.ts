/** Pictures a second that are sent: the programme's rate. */
export const SENT_FPS = 30;

/** A picture between two frames: its number k in the stream (stream time k / 30 s), and how far it is from the earlier frame to the later one, 0 < share ≤ 1. */
export type Between = { number: number; share: number };

/** The first picture of a film that begins with `frame`: none is earlier than its frame [G10]. */
export function firstPicture(frame: number, fps: number): number {
  return Math.ceil((frame * SENT_FPS) / fps);
}

/** Pictures after frame `frame − 1` and up to `frame`, of frames at `fps` [G10]. */
export function picturesUpTo(frame: number, fps: number): Between[] {
  const first = Math.floor(((frame - 1) * SENT_FPS) / fps) + 1;
  const last = Math.floor((frame * SENT_FPS) / fps);
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    number: first + i,
    share: ((first + i) * fps) / SENT_FPS - (frame - 1),
  }));
}

/** Stream time of a picture, in whole microseconds. */
export function pictureUs(number: number): number {
  return Math.round((number * 1e6) / SENT_FPS);
}
