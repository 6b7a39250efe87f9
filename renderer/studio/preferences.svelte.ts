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

const MOST_OLD_CUES = 8;

/** What the interface remembers on this machine: theme, folded panels, monitoring. */
export class Preferences {
  theme: Theme = $state('dark');
  layersFolded = $state(false);
  inspectorFolded = $state(false);
  /** Whether the mix is heard here. */
  monitoring = $state(false);
  /** Whether the figures of the programme stay open over the canvas. */
  healthPinned = $state(false);
  /** Prompts of an older version, which kept its cues here and not in the project. */
  oldCues: readonly string[] = $state.raw([]);

  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this.#storage = storage;
    const kept = readKept(storage.getItem(STORAGE_KEY));
    if (kept.theme) this.theme = kept.theme;
    this.layersFolded = kept.layersFolded ?? false;
    this.inspectorFolded = kept.inspectorFolded ?? false;
    this.monitoring = kept.monitoring ?? false;
    this.healthPinned = kept.healthPinned ?? false;
    this.oldCues = kept.cues ?? [];
  }

  /** Keeps the figures of the programme open, or lets them go. */
  pinHealth(pinned: boolean): void {
    this.healthPinned = pinned;
    this.keep();
  }

  /** Lets the cues of an older version go, once a project has them. */
  forgetOldCues(): void {
    this.oldCues = [];
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
      cues: [...this.oldCues],
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
    const prompts = cues.filter((cue): cue is string => typeof cue === 'string' && cue.trim() !== '');
    kept.cues = prompts.slice(0, MOST_OLD_CUES);
  }
  return kept;
}
