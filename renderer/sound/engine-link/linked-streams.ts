import { MIX_STREAM_ID, type EngineLive, type LiveState } from '../../../contract/live';
import type { Strip } from '../../../contract/project';
import { usesNetwork } from '../binaural/pose';
import type { LinkedStream } from './link-messages';

/** The stream that refines a placed strip; null when the network does not. */
export function refinedStream(strip: Strip, state: LiveState): LinkedStream | null {
  const live = state.strips[strip.id];
  if (!live?.binaural || !usesNetwork(strip, state)) return null;
  const { epoch, controlVersion } = live.binaural;
  return { url: urlOf(state.engines.binaural), streamId: live.streamId, epoch, controlVersion };
}

/** What is captioned: a strip, or (null) the mix, and the stream that hears it. */
export type Captioned = { stripId: string | null; stream: LinkedStream };

/** What is captioned in this snapshot; null while captions are off or their strip is gone. */
export function captionedStream(state: LiveState): Captioned | null {
  const { streamId, epoch, controlVersion } = state.captions;
  if (streamId === null) return null;
  const stream = { url: urlOf(state.engines.captions), streamId, epoch, controlVersion };
  if (streamId === MIX_STREAM_ID) return { stripId: null, stream };
  const strip = Object.entries(state.strips).find(([, live]) => live.streamId === streamId);
  return strip ? { stripId: strip[0], stream } : null;
}

function urlOf(engine: EngineLive): string | null {
  return engine.state === 'ready' ? engine.url : null;
}
