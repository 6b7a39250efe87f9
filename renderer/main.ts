import { mount } from 'svelte';
import type { NativeVerbs } from '../contract/native';
import { MEDIA_PATH } from '../contract/rpc';
import { Cameras } from './capture/cameras';
import { SoundEngine } from './sound/sound-engine';
import { StageClient } from './stage/stage-client';
import './studio/tokens.css';
import './studio/base.css';
import Desk from './studio/Desk.svelte';
import NoToken from './studio/NoToken.svelte';
import { createControlLink } from './studio/control-link';
import { findLaunchToken } from './studio/launch-token';
import { StageRestart } from './studio/stage-restart';
import { Studio } from './studio/studio.svelte';

declare global {
  interface Window {
    /** The desktop shell's native verbs; absent in a browser. */
    fantascope?: NativeVerbs;
  }
}

const target = document.getElementById('app');
if (!target) throw new Error('The page must have an element with the id "app".');
const token = await findLaunchToken(window, (path, init) => fetch(path, init));
if (token === null) mount(NoToken, { target });
else openStudio(target, token);

function openStudio(element: HTMLElement, launchToken: string): void {
  const restart = new StageRestart(window);
  const stage = new StageClient({
    url: `ws://${location.host}`,
    token: launchToken,
    died: () => restart.reload(),
  });
  const studio = new Studio({
    link: createControlLink({ host: location.host, token: launchToken }),
    stage,
    sound: new SoundEngine({
      stage,
      token: launchToken,
      mediaUrl: (mediaId) => `${MEDIA_PATH}${mediaId}`,
    }),
    cameras: new Cameras({ stage }),
    token: launchToken,
    native: window.fantascope,
    storage: localStorage,
  });
  mount(Desk, { target: element, props: { studio } });
  studio.open();
  window.addEventListener('pagehide', () => studio.dispose(), { once: true });
}
