import type { StudioErrorShape } from '../../../contract/errors';
import type { LayerCondition } from '../../../contract/stage';
import type { Picture } from '../picture';

/** How a source does; the `layerId` is the scene's to add. */
export type SourceCondition = {
  condition: LayerCondition['condition'];
  error: StudioErrorShape | null;
};

export const SOURCE_OK: SourceCondition = { condition: 'ok', error: null };
export const SOURCE_WAITING: SourceCondition = { condition: 'waiting', error: null };

/** What gives a layer its pictures. Asked once a tick, never waits, never throws. */
export type LayerSource = {
  readonly condition: SourceCondition;
  /** The picture for programme time `tickUs`; null where there is none yet. */
  pictureAt(tickUs: number): Picture | null;
  dispose(): void;
};
