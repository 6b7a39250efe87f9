let open = 0;

/**
 * The stage's count of VideoFrames it must close. Cameras have a pool of only a few frames
 * and stall when one is kept, so every frame that comes in is registered and released here.
 */
export function ownFrame(frame: VideoFrame): VideoFrame {
  open += 1;
  return frame;
}

/** Closes a frame that was registered with `ownFrame`; null is let through. */
export function releaseFrame(frame: VideoFrame | null): void {
  if (frame === null) return;
  open -= 1;
  frame.close();
}

/** Frames that are registered and not closed; a constant small number while all is well. */
export function openFrames(): number {
  return open;
}
