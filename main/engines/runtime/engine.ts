import type { CaptionUpdate } from '../../../contract/captions';
import type { EngineControl, EngineInit, FromEngine } from '../../../contract/engine';
import type { StudioError } from '../../../contract/errors';

/** What an engine says of itself once a second. */
export type EngineReport = Pick<
  Extract<FromEngine, { type: 'health' }>,
  'processed' | 'dropped' | 'filtered' | 'stagesMs' | 'images' | 'quality'
>;

/** An engine at work inside its own process. */
export type Engine = {
  /** What main learns when the engine is ready. */
  readonly ready: Omit<Extract<FromEngine, { type: 'ready' }>, 'type'>;
  /**
   * Takes the settings of a stream, unless they are older than those it has.
   * @returns words of the prompt that have no effect.
   */
  control(control: EngineControl): readonly string[];
  /** Lets go of a stream. */
  forget(streamId: number): void;
  /** Stays at a quality tier, or chooses again when given null. */
  pin(tier: number | null): void;
  /** Has prompts ready that may be asked for any moment. */
  expect(prompts: readonly string[]): void;
  report(): EngineReport;
  /** Finishes the picture under way, closes the socket, releases the sessions. */
  stop(): Promise<void>;
};

/** What an engine may tell main at any time, beside its reports. */
export type EngineVoice = {
  /** Words were heard. */
  caption(update: CaptionUpdate): void;
  /** A piece of sound could not be worked on; the engine goes on. A layer's picture says so itself. */
  trouble(error: StudioError): void;
};

/** Loads an engine; rejects with a StudioError that says what to do. */
export type OpenEngine = (init: EngineInit, voice: EngineVoice) => Promise<Engine>;
