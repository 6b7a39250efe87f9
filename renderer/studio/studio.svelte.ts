import type { Command } from '../../contract/commands';
import type { EngineName } from '../../contract/engine';
import type { StudioError, StudioErrorShape } from '../../contract/errors';
import type { LiveState } from '../../contract/live';
import type { Layer, Media, Project, Scene } from '../../contract/project';
import type { LayerCondition, StageStats } from '../../contract/stage';
import { CanvasGesture } from './canvas/gesture.svelte';
import type { ControlLink } from './control-link';
import { Cues } from './deck/cues';
import { PromptDeck } from './deck/prompt-deck.svelte';
import { chooseTarget, promptTargets, type PromptEngine, type PromptTarget } from './deck/prompt-target';
import { MediaSizes } from './media-sizes';
import { Models, type AskedModels } from './models/models.svelte';
import { Notices } from './notices/notices.svelte';
import type { CamerasPort, DeviceLists, SoundPort, StagePort, Unsubscribe } from './ports';
import { Preferences } from './preferences.svelte';
import { Projects } from './projects/projects.svelte';
import { Session } from './session.svelte';
import { Meters } from './sound/meters';
import { Uploads, type NativeFiles } from './uploads.svelte';

/** Which dialog is open over the studio. */
export type OpenDialog =
  | { kind: 'help' }
  | { kind: 'stop-live'; destinationId: string }
  | { kind: 'destination'; destinationId: string | null }
  | { kind: 'obs' }
  | { kind: 'engine-run'; engine: EngineName }
  | { kind: 'stop-obs' }
  | { kind: 'stop-camera' }
  | { kind: 'remove-scene'; sceneId: string }
  | { kind: 'open-project' }
  | { kind: 'save-project-as' }
  | { kind: 'models'; asked: AskedModels };

/** The pages of the inspector. */
export type InspectorPage = 'picture' | 'source' | 'engine' | 'words' | 'motion';

const CLOCK_MS = 250;
/** Figures come twice a second; after this long without, the stage counts as silent. */
const STATS_PATIENCE_MS = 4000;

/** Everything the interface shows and does, put together: one object, given to all components by context. */
export class Studio {
  readonly session: Session;
  readonly stage: StagePort;
  readonly sound: SoundPort;
  readonly cameras: CamerasPort;
  readonly notices = new Notices();
  readonly meters = new Meters();
  readonly sizes = new MediaSizes();
  readonly preferences: Preferences;
  readonly uploads: Uploads;
  readonly projects: Projects;
  readonly models: Models;
  readonly deck: PromptDeck;
  readonly cues: Cues;
  readonly gesture: CanvasGesture;

  stats: StageStats | null = $state.raw(null);
  stageConnected = $state(false);
  conditions: Readonly<Record<string, LayerCondition>> = $state.raw({});
  stripErrors: Readonly<Record<string, StudioError | null>> = $state.raw({});
  soundRuns = $state(false);
  devices: DeviceLists = $state.raw({ cameras: [], microphones: [] });
  dialog: OpenDialog | null = $state.raw(null);
  /** Whether the settings of recording and programme are open, beside the record button. */
  outputSettingsOpen = $state(false);
  /** Whether the ways to appear as a camera are open, beside the camera's button. */
  cameraWaysOpen = $state(false);
  inspectorPage: InspectorPage = $state('picture');
  /** `performance.now()` at a quarter-second beat, for timers on screen. */
  nowMs = $state(performance.now());

  #statsAtMs = $state(0);
  /** Whether the stage is connected and has lately told its figures. */
  readonly stageAnswers: boolean = $derived(
    this.stageConnected && this.stats !== null && this.nowMs - this.#statsAtMs < STATS_PATIENCE_MS,
  );

  #selectedId: string | null = $state(null);
  /** A scene that is worked on while another is on air; null: the one on air. */
  #offAirSceneId: string | null = $state(null);

  readonly state: LiveState | null = $derived.by(() => this.session.state);
  readonly project: Project | null = $derived(this.state?.project ?? null);
  /** The scene whose layers the panels show. */
  readonly scene: Scene | null = $derived.by(() => {
    const scenes = this.project?.scenes ?? [];
    const byId = (id: string | null | undefined) => scenes.find((scene) => scene.id === id);
    return byId(this.#offAirSceneId) ?? byId(this.project?.activeSceneId) ?? null;
  });
  readonly sceneIsOnProgramme: boolean = $derived(this.scene?.id === this.project?.activeSceneId);
  readonly selected: Layer | null = $derived(
    this.scene?.layers.find((layer) => layer.id === this.#selectedId) ?? null,
  );
  /** Which engine the deck plays of a layer with both; null: what the layer is made of. */
  #deckEngine: PromptEngine | null = $state(null);
  /** What the prompt deck plays. */
  readonly deckTarget: PromptTarget | null = $derived.by(() =>
    chooseTarget(this.scene?.layers ?? [], this.selected, this.#deckEngine),
  );
  /** How long the list of cues has been running, ms; null while it stands. */
  readonly cuesMs: number | null = $derived.by(() => {
    const startedUs = this.state?.cues.startedUs ?? null;
    if (startedUs === null) return null;
    // The clock beat makes this count on.
    void this.nowMs;
    return Math.max(0, (this.stage.programmeUs() - startedUs) / 1000);
  });
  /** Recorded length, counted on between snapshots. */
  readonly recordedUs: number = $derived.by(() => {
    const recording = this.state?.recording;
    if (!recording) return 0;
    if (recording.state === 'idle') return 0;
    const sinceMs =
      recording.state === 'recording' ? Math.max(0, this.nowMs - this.session.confirmedAtMs) : 0;
    return recording.durationUs + Math.min(sinceMs, 5000) * 1000;
  });
  readonly recordingRuns: boolean = $derived(
    this.state?.recording.state === 'recording' || this.state?.recording.state === 'paused',
  );
  readonly liveCount: number = $derived(
    Object.values(this.state?.destinations ?? {}).filter((one) => one.state === 'live').length,
  );

  /** Destinations that are being reached, at first or again. */
  readonly reachingCount: number = $derived(
    Object.values(this.state?.destinations ?? {}).filter(
      (one) => one.state === 'connecting' || one.state === 'reconnecting',
    ).length,
  );

  readonly #undo: Unsubscribe[] = [];

  constructor(options: {
    link: ControlLink;
    stage: StagePort;
    sound: SoundPort;
    cameras: CamerasPort;
    token: string;
    native: NativeFiles | undefined;
    storage: Pick<Storage, 'getItem' | 'setItem'>;
  }) {
    this.stage = options.stage;
    this.sound = options.sound;
    this.cameras = options.cameras;
    this.preferences = new Preferences(options.storage);
    const onError = (error: StudioErrorShape) => this.notices.report(error);
    this.session = new Session({
      link: options.link,
      programmeUs: () => this.stage.programmeUs(),
      onError,
      onModels: (shelf) => this.models.take(shelf),
      onOnline: () => this.models.online(),
    });
    this.uploads = new Uploads({
      token: options.token,
      native: options.native,
      addByPath: (path) => this.session.ask((studio) => studio.addMedia(path)),
      onError,
    });
    this.projects = new Projects(this.session);
    this.models = new Models(this.session);
    this.deck = new PromptDeck(this.#deckSource());
    this.cues = new Cues(this.#cueSource());
    this.gesture = new CanvasGesture((command, inputMs) => this.command(command, inputMs));
  }

  /** Connects everything; {@link dispose} takes it down again. */
  open(): void {
    this.#undo.push(
      this.stage.onStats((stats) => this.#takeStats(stats)),
      this.stage.onConnection((connected) => (this.stageConnected = connected)),
      this.stage.onLayer((layer) => (this.conditions = { ...this.conditions, [layer.layerId]: layer })),
      this.sound.onLevels((peaks) => this.meters.feed(peaks)),
      this.sound.onError((error) => this.notices.report(error.toShape())),
      this.sound.onRunning((runs) => (this.soundRuns = runs)),
      this.sound.onConditions((conditions) => (this.stripErrors = conditions)),
      this.cameras.onDevices((devices) => (this.devices = devices)),
    );
    const clock = setInterval(() => (this.nowMs = performance.now()), CLOCK_MS);
    // The foreseen state is applied, not the confirmed one: a fader is heard as it moves.
    const follow = $effect.root(() => {
      $effect(() => {
        if (!this.state) return;
        this.sound.apply(this.state);
        this.cameras.apply(this.state);
      });
    });
    this.#undo.push(() => clearInterval(clock), follow);
    void this.refreshDevices();
    this.sound.setMonitoring(this.preferences.monitoring);
    this.session.open();
  }

  dispose(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.deck.dispose();
    this.gesture.cancel();
    this.notices.dispose();
    this.uploads.dispose();
    this.models.dispose();
    this.meters.dispose();
    this.session.dispose();
    this.cameras.dispose();
    this.sound.dispose();
    this.stage.dispose();
  }

  /** Gives a command to main; see {@link Session.command}. */
  command(command: Command, inputMs?: number): ReturnType<Session['command']> {
    return this.session.command(command, inputMs);
  }

  select(layerId: string | null): void {
    this.#selectedId = layerId;
  }

  /** Shows a scene's layers without putting it on air; null goes back to the one on air. */
  workOn(sceneId: string | null): void {
    this.#offAirSceneId = sceneId === this.project?.activeSceneId ? null : sceneId;
  }

  /** Puts a scene on air. */
  take(sceneId: string, inputMs?: number): void {
    this.#offAirSceneId = null;
    if (sceneId !== this.project?.activeSceneId) void this.command({ type: 'scene.take', sceneId }, inputMs);
  }

  async refreshDevices(): Promise<void> {
    this.devices = await this.cameras.devices();
  }

  /** Opens the model panel. */
  showModels(asked: AskedModels = {}): void {
    this.dialog = { kind: 'models', asked };
  }

  /** Chooses which engine the deck plays of a layer that has both. */
  playOn(engine: PromptEngine): void {
    this.#deckEngine = engine;
  }

  /** A layer of any scene. */
  layer(layerId: string): Layer | undefined {
    return this.project?.scenes.flatMap((scene) => scene.layers).find((one) => one.id === layerId);
  }

  /** The media entry of a film, image or sound. */
  media(mediaId: string): Media | undefined {
    return this.project?.media.find((one) => one.id === mediaId);
  }

  #takeStats(stats: StageStats): void {
    this.stats = stats;
    this.#statsAtMs = performance.now();
  }

  #deckSource() {
    const studio = () => this;
    return {
      get state() {
        return studio().state;
      },
      get stats() {
        return studio().stats;
      },
      get target() {
        return studio().deckTarget;
      },
      command: (command: Command, inputMs?: number) => this.command(command, inputMs),
    };
  }

  #cueSource() {
    const studio = () => this;
    return {
      get cues() {
        return studio().project?.cues ?? [];
      },
      get target() {
        return studio().deckTarget;
      },
      get deck() {
        return studio().deck;
      },
      targetsOf: (layerId: string) => {
        const layer = this.layer(layerId);
        return layer ? promptTargets(layer) : [];
      },
      command: (command: Command, inputMs?: number) => this.command(command, inputMs),
    };
  }
}
