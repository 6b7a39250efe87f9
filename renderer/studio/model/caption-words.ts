import type { LiveState } from '../../../contract/live';

/** What is told in the place of words that are not there; empty while there are some. */
export function captionWords({ captions, engines, project }: LiveState): string {
  if (!project.captions.enabled) return 'Captions are off: nothing is listened to.';
  if (captions.words.length > 0) return '';
  const { state, error } = engines.captions;
  if (error?.code === 'model.missing') {
    return `The model “${project.captions.model}” is not on this machine, so nothing is written.`;
  }
  if (state === 'failed') return 'The engine failed; no words come until it runs again.';
  if (state !== 'ready') return 'The engine starts; the first words come in a moment.';
  const heard = project.strips.find((strip) => strip.id === project.captions.stripId);
  const muted = heard?.muted ? ' It is muted in the mix.' : '';
  return `Listening to ${heard ? `“${heard.name}”` : 'the whole mix'}; nothing was said yet.${muted}`;
}
