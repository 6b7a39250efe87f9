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
  /** Present programme time in microseconds. */
  programmeUs(): number;
  dispose(): void;
};

/** What the interface needs of the sound graph. */
export type SoundPort = {
  apply(state: LiveState): void;
  /** Resumes the sound after a click or key, as browsers ask for. */
  start(): Promise<void>;
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
  dispose(): void;
};
