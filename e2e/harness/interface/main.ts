import { mount } from 'svelte';
import '../../../renderer/studio/tokens.css';
import '../../../renderer/studio/base.css';
import Desk from '../../../renderer/studio/Desk.svelte';
import { Studio } from '../../../renderer/studio/studio.svelte';
import { fakeLink } from './fake-link';
import { fakeCameras, fakeSound, fakeStage } from './fake-ports';
import { scenario } from './scenarios';

/** The real interface on a snapshot of its own making: `?scenario=…&theme=…&select=…`. */
const query = new URLSearchParams(location.search);
const theme = query.get('theme') ?? 'dark';
localStorage.setItem('fantascope.preferences', JSON.stringify({ theme }));

const scene = scenario(query.get('scenario') ?? 'camera');
const link = fakeLink(scene);
const studio = new Studio({
  link,
  stage: fakeStage(scene),
  sound: fakeSound(scene),
  cameras: fakeCameras(),
  token: 'harness',
  native: undefined,
  storage: localStorage,
});
const target = document.getElementById('app');
if (!target) throw new Error('The page must have an element with the id "app".');
mount(Desk, { target, props: { studio } });
studio.open();
const selected = query.get('select');
if (selected) studio.select(selected);

declare global {
  interface Window {
    studio: Studio;
    link: ReturnType<typeof fakeLink>;
  }
}
window.studio = studio;
window.link = link;
