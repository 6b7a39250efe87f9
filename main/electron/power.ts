import { powerSaveBlocker } from 'electron';

/** Keeps display and machine awake while `setOnAir(true)` holds. */
export function createWakeLock(): { setOnAir: (onAir: boolean) => void } {
  let blocker: number | null = null;
  return {
    setOnAir: (onAir) => {
      if (onAir && blocker === null) blocker = powerSaveBlocker.start('prevent-display-sleep');
      if (!onAir && blocker !== null) {
        powerSaveBlocker.stop(blocker);
        blocker = null;
      }
    },
  };
}
