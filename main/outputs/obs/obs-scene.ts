import { StudioError } from '../../../contract/errors';
import { ObsRequestError, STATUS, type ObsConnection } from './obs-connection';

/** What is to be in OBS. */
export type ObsPlan = {
  scene: string;
  source: string;
  /** Where OBS listens for the programme, as its own ffmpeg reads it. */
  listenUrl: string;
};

const MEDIA_KIND = 'ffmpeg_source';
const NEEDED = [
  'GetSceneList',
  'CreateScene',
  'GetInputList',
  'CreateInput',
  'GetInputSettings',
  'SetInputSettings',
  'GetSceneItemList',
  'CreateSceneItem',
  'GetSceneItemTransform',
  'SetSceneItemTransform',
  'GetVideoSettings',
  'GetSourceScreenshot',
  'TriggerMediaInputAction',
] as const;

/** Settings of the media source: it listens, and shows what comes as soon as it comes. */
export function mediaSettings(listenUrl: string): Record<string, string | number | boolean> {
  return {
    is_local_file: false,
    input: listenUrl,
    input_format: 'mpegts',
    buffering_mb: 0,
    reconnect_delay_sec: 1,
    restart_on_activate: false,
    close_when_inactive: false,
    looping: false,
    clear_on_media_end: true,
    ffmpeg_options: 'probesize=32 analyzeduration=0',
  };
}

/**
 * Makes, or mends, scene, media source and its place in the scene, and touches nothing else. A second
 * time it finds everything and changes nothing. A place that the user has given a size stays.
 * @returns what was done, in words; empty when all was as wanted
 * @throws StudioError `obs.unsupported` when this OBS cannot, or a name is taken by something else
 */
export async function prepareScene(obs: ObsConnection, plan: ObsPlan): Promise<string[]> {
  const missing = NEEDED.filter((request) => !obs.knows(request));
  if (missing.length > 0) throw unsupported(`must know ${missing.join(', ')}, but does not; update it`);
  const done: string[] = [];
  const { scenes } = await obs.call('GetSceneList');
  const { inputs } = await obs.call('GetInputList');
  const input = inputs.find((candidate) => candidate['inputName'] === plan.source);
  if (inputs.some((candidate) => candidate['inputName'] === plan.scene)) {
    throw unsupported(`has a source named "${plan.scene}" already; give the scene another name`);
  }
  if (scenes.some((candidate) => candidate['sceneName'] === plan.source)) {
    throw unsupported(`has a scene named "${plan.source}" already; give the source another name`);
  }
  if (!scenes.some((candidate) => candidate['sceneName'] === plan.scene)) {
    await obs.call('CreateScene', { sceneName: plan.scene });
    done.push('scene made');
  }
  if (input === undefined) {
    await createInput(obs, plan);
    done.push('source made');
  } else {
    if (input['inputKind'] !== MEDIA_KIND && input['unversionedInputKind'] !== MEDIA_KIND) {
      throw unsupported(`has a source "${plan.source}" that is not a media source; rename it`);
    }
    if (await mendInput(obs, plan)) done.push('source mended');
  }
  if (await placeInput(obs, plan)) done.push('source placed');
  return done;
}

/** Makes OBS open its end of the line anew. */
export async function reopenInput(obs: ObsConnection, source: string): Promise<void> {
  await obs.call('TriggerMediaInputAction', {
    inputName: source,
    mediaAction: 'OBS_WEBSOCKET_MEDIA_INPUT_ACTION_RESTART',
  });
}

async function createInput(obs: ObsConnection, plan: ObsPlan): Promise<void> {
  try {
    await obs.call('CreateInput', {
      sceneName: plan.scene,
      inputName: plan.source,
      inputKind: MEDIA_KIND,
      inputSettings: mediaSettings(plan.listenUrl),
      sceneItemEnabled: true,
    });
  } catch (error) {
    if (error instanceof ObsRequestError && error.status === 605) {
      throw unsupported('must have media sources (ffmpeg_source), but has none', error);
    }
    throw error;
  }
}

async function mendInput(obs: ObsConnection, plan: ObsPlan): Promise<boolean> {
  const { inputSettings } = await obs.call('GetInputSettings', { inputName: plan.source });
  const { defaultInputSettings } = await obs.call('GetInputDefaultSettings', { inputKind: MEDIA_KIND });
  const present: Record<string, unknown> = { ...defaultInputSettings, ...inputSettings };
  const wrong = Object.entries(mediaSettings(plan.listenUrl)).filter(
    ([name, value]) => present[name] !== value,
  );
  if (wrong.length === 0) return false;
  await obs.call('SetInputSettings', {
    inputName: plan.source,
    inputSettings: Object.fromEntries(wrong),
    overlay: true,
  });
  return true;
}

async function placeInput(obs: ObsConnection, plan: ObsPlan): Promise<boolean> {
  const { sceneItems } = await obs.call('GetSceneItemList', { sceneName: plan.scene });
  const item = sceneItems.find((candidate) => candidate['sourceName'] === plan.source);
  const sceneItemId =
    item === undefined
      ? (await obs.call('CreateSceneItem', { sceneName: plan.scene, sourceName: plan.source })).sceneItemId
      : Number(item['sceneItemId']);
  const place = { sceneName: plan.scene, sceneItemId };
  const { sceneItemTransform } = await obs.call('GetSceneItemTransform', place);
  if (sceneItemTransform['boundsType'] !== 'OBS_BOUNDS_NONE') return item === undefined;
  const { baseWidth, baseHeight } = await obs.call('GetVideoSettings');
  await obs.call('SetSceneItemTransform', {
    ...place,
    sceneItemTransform: {
      positionX: 0,
      positionY: 0,
      boundsType: 'OBS_BOUNDS_SCALE_INNER',
      boundsAlignment: 0,
      boundsWidth: baseWidth,
      boundsHeight: baseHeight,
    },
  });
  return true;
}

function unsupported(rule: string, cause?: unknown): StudioError {
  return new StudioError('output', 'obs.unsupported', `OBS ${rule}.`, cause === undefined ? {} : { cause });
}

/** Whether OBS says that it is still starting, or that a thing is not there. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof ObsRequestError &&
    (error.status === STATUS.notReady ||
      error.status === STATUS.notFound ||
      error.status === STATUS.alreadyExists)
  );
}
