import type { WindowToLink } from './link-messages';
import { SoundLinks } from './sound-links';

// AudioWorklets have no sockets: this worker carries their sound to the engines and back.
const links = new SoundLinks();
self.onmessage = (event: MessageEvent<WindowToLink>) => links.take(event.data);
