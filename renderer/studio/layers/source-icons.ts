import Captions from '@lucide/svelte/icons/captions';
import Camera from '@lucide/svelte/icons/camera';
import Film from '@lucide/svelte/icons/film';
import Image from '@lucide/svelte/icons/image';
import ImagePlus from '@lucide/svelte/icons/image-plus';
import MonitorCheck from '@lucide/svelte/icons/monitor-check';
import Type from '@lucide/svelte/icons/type';
import type { Source } from '../../../contract/project';

/** The icon of each kind of source. */
export const SOURCE_ICONS: Readonly<Record<Source['kind'], typeof Camera>> = {
  camera: Camera,
  film: Film,
  image: Image,
  text: Type,
  'test-card': MonitorCheck,
  generate: ImagePlus,
  captions: Captions,
};
