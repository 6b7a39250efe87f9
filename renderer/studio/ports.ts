import type { StudioError } from '../../contract/errors';
import type { LiveState } from '../../contract/live';
import type { LayerCondition, StageStats } from '../../contract/stage';

/** Ends a subscription. */
export type Unsubscribe = () => void;

/** What the interface needs of the stage worker's client. */
export type StagePort = {
  /** Hands the canvas over to the worker; once. */
  attachCanvas(canvas: HTMLCanvasElement): void;
  /** Size of the canvas in device pixels. */
  resize(width: number, height: number): void;
  onStats(listener: (stats: StageStats) => void): Unsubscribe;
  onLayer(listener: (layer: LayerCondition) => void): Unsubscribe;
  onConnection(listener: (connected: boolean) => void): Unsubscribe;
  /** Whether another window's stage took over, so that this window's rests. */
  onReplaced(listener: (replaced: boolean) => void): Unsubscribe;
  /** Takes the stage back from the other window. */
  takeBack(): void;
  /** Present programme time in microseconds. */
  programmeUs(): number;
  dispose(): void;
};

/** What the interface needs of the sound graph. */
export type SoundPort = {
  apply(state: LiveState): void;
  /** Resumes the sound after a click or key, as browsers ask for. */
  start(): Promise<void>;
  /** Tries lost and refused microphones again. */
  retry(): void;
  /** What fails out of band. */
  onError(listener: (error: StudioError) => void): Unsubscribe;
  /** Tells whether sound runs; it does not before {@link start}. */
  onRunning(listener: (running: boolean) => void): Unsubscribe;
  /** What is wrong with each strip's source, by strip id; null when all is well. */
  onConditions(listener: (conditions: Readonly<Record<string, StudioError | null>>) => void): Unsubscribe;
  /** Peaks since the last call, linear, by strip id; `mix` is the programme. */
  onLevels(listener: (peaks: Readonly<Record<string, number>>) => void): Unsubscribe;
  /** Whether the mix is heard on this machine. */
  setMonitoring(on: boolean): void;
  dispose(): void;
};

/** A capture device as the browser names it. */
export type Device = { deviceId: string; label: string };

/** The capture devices of this machine. */
export type DeviceLists = { cameras: readonly Device[]; microphones: readonly Device[] };

/** What the interface needs of camera capture. */
export type CamerasPort = {
  apply(state: LiveState): void;
  devices(): Promise<DeviceLists>;
  onDevices(listener: (devices: DeviceLists) => void): Unsubscribe;
  /** Tries lost and refused cameras again. */
  retry(): void;
  dispose(): void;
};
