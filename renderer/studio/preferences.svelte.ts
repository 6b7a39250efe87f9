/** The themes that can be chosen; `system` follows the machine. */
export const THEMES = ['dark', 'light', 'contrast', 'system'] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = 'fantascope.preferences';

type Kept = {
  theme: Theme;
  layersFolded: boolean;
  inspectorFolded: boolean;
  monitoring: boolean;
  healthPinned: boolean;
  cues: string[];
};

const CUE_SLOTS = 8;

/** What the interface remembers on this machine: theme, folded panels, monitoring, prompt cues. */
export class Preferences {
  theme: Theme = $state('dark');
  layersFolded = $state(false);
  inspectorFolded = $state(false);
  /** Whether the mix is heard here. */
  monitoring = $state(false);
  /** Whether the figures of the programme stay open over the canvas. */
  healthPinned = $state(false);
  /** Prompts of the cue keys 1 to 8; an empty string is a free slot. */
  cues: string[] = $state([
    'synthwave dusk',
    'mosaic vivid',
    'comic candy',
    ...Array.from({ length: CUE_SLOTS - 3 }, () => ''),
  ]);

  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this.#storage = storage;
    const kept = readKept(storage.getItem(STORAGE_KEY));
    if (kept.theme) this.theme = kept.theme;
    this.layersFolded = kept.layersFolded ?? false;
    this.inspectorFolded = kept.inspectorFolded ?? false;
    this.monitoring = kept.monitoring ?? false;
    this.healthPinned = kept.healthPinned ?? false;
    if (kept.cues) this.cues = kept.cues;
  }

  /** Keeps the figures of the programme open, or lets them go. */
  pinHealth(pinned: boolean): void {
    this.healthPinned = pinned;
    this.keep();
  }

  /** Writes the present choices; call after a change. */
  keep(): void {
    const kept: Kept = {
      theme: this.theme,
      layersFolded: this.layersFolded,
      inspectorFolded: this.inspectorFolded,
      monitoring: this.monitoring,
      healthPinned: this.healthPinned,
      cues: [...this.cues],
    };
    this.#storage.setItem(STORAGE_KEY, JSON.stringify(kept));
  }
}

/** Reads stored choices field by field, so that a damaged or older entry costs only what is damaged. */
function readKept(text: string | null): Partial<Kept> {
  if (text === null) return {};
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof stored !== 'object' || stored === null) return {};
  const entry = new Map<string, unknown>(Object.entries(stored));
  const kept: Partial<Kept> = {};
  const theme = THEMES.find((one) => one === entry.get('theme'));
  if (theme) kept.theme = theme;
  for (const key of ['layersFolded', 'inspectorFolded', 'monitoring', 'healthPinned'] as const) {
    const value = entry.get(key);
    if (typeof value === 'boolean') kept[key] = value;
  }
  const cues = entry.get('cues');
  if (Array.isArray(cues)) {
    kept.cues = Array.from({ length: CUE_SLOTS }, (_, slot) =>
      typeof cues[slot] === 'string' ? cues[slot] : '',
    );
  }
  return kept;
}
