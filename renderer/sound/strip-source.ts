import type { StudioError } from '../../contract/errors';
import { BeepPlayer } from './beep-player';
import { MediaPlayer } from './media-player';
import { openMediaSound } from './media-sound';
import { MicrophoneSource } from './microphone-source';
import type { SourcePlan } from './source-plan';

/** Something that feeds a strip: follows the plan, schedules ahead, lets go. */
export type StripSource = {
  follow(plan: SourcePlan): void;
  pump(): void;
  /** Tries a device again that was refused. */
  retry(): void;
  dispose(): void;
};

export type StripSourceOptions = {
  context: AudioContext;
  output: AudioNode;
  mediaUrl: (mediaId: string) => string;
  /** The source failed, or (null) works again. */
  onCondition: (error: StudioError | null) => void;
};

const nothing = () => undefined;

/** Makes the source that a plan asks for; it then follows plans with the same key. */
export function createStripSource(plan: SourcePlan, options: StripSourceOptions): StripSource {
  const { context, output, mediaUrl, onCondition } = options;
  switch (plan.kind) {
    case 'none':
      return { follow: nothing, pump: nothing, retry: nothing, dispose: nothing };
    case 'microphone': {
      const microphone = new MicrophoneSource(context, output, plan.device, onCondition);
      return {
        follow: nothing,
        pump: nothing,
        retry: () => microphone.retry(),
        dispose: () => microphone.dispose(),
      };
    }
    case 'beep': {
      const player = new BeepPlayer(context, output);
      return {
        follow: (next) => next.kind === 'beep' && player.follow(next.anchorUs),
        pump: () => player.pump(),
        retry: nothing,
        dispose: () => player.dispose(),
      };
    }
    case 'media': {
      const { mediaId, mediaName } = plan;
      const open = () => openMediaSound(mediaUrl(mediaId), mediaName);
      const player = new MediaPlayer(context, output, open, onCondition);
      return {
        follow: (next) => next.kind === 'media' && player.follow(next.position),
        pump: () => player.pump(),
        retry: nothing,
        dispose: () => player.dispose(),
      };
    }
  }
}
