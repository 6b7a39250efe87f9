import { ObsPeer } from '../../e2e/peers/obs';

/** OBS Studio under Xvfb with a film and a text in one 720p30 scene, recording with x264 ultrafast. */
export class BenchObs extends ObsPeer {
  /** Starts it; rejects when OBS or Xvfb is not installed. */
  async startWith(film: string): Promise<void> {
    await this.start();
    await this.socket.call('CreateInput', {
      sceneName: 'Main',
      inputName: 'Film',
      inputKind: 'ffmpeg_source',
      inputSettings: { local_file: film, is_local_file: true, looping: true },
    });
    const { sceneItemId } = await this.socket.call('GetSceneItemId', {
      sceneName: 'Main',
      sourceName: 'Film',
    });
    await this.socket.call('SetSceneItemTransform', {
      sceneName: 'Main',
      sceneItemId,
      sceneItemTransform: { boundsType: 'OBS_BOUNDS_STRETCH', boundsWidth: 1280, boundsHeight: 720 },
    });
    await this.socket.call('CreateInput', {
      sceneName: 'Main',
      inputName: 'Title',
      inputKind: 'text_ft2_source_v2',
      inputSettings: { text: 'Fantascope', font: { face: 'DejaVu Sans', size: 96, style: 'Bold' } },
    });
  }
}
