import type { StudioErrorShape } from '../../../contract/errors';
import type { ModelListing, ModelShelf } from '../../../contract/models';
import type { Result, StudioFunctions } from '../../../contract/rpc';
import { errorWords } from '../model/words';
import type { Session } from '../session.svelte';
import { firstChoice, groupModels, matches, type ModelFilter, type ModelGroup } from './model-list';
import type { ModelPlace } from './model-use';
import { mustAgree, mustAsk, type ModelVerb } from './model-verbs';
import { checkWords, importWords } from './model-words';

/** What the panel is opened for: one model, those of an engine, a place that is to use another one. */
export type AskedModels = { modelId?: string; place?: ModelPlace; engine?: ModelPlace['engine'] };

/** Something to be answered before a verb is done. */
export type ModelQuestion = {
  kind: 'licence' | 'sure';
  verb: Exclude<ModelVerb, 'import'>;
  model: ModelListing;
};

/** Figures on screen change four times a second at most. */
const BEAT_MS = 250;
/** So long a verb counts as under way, unless main answers earlier. */
const PENDING_MS = 1500;

/** The model shelf as main tells it, what the panel shows of it, and what is asked of main. */
export class Models {
  /** As last told; null until then. */
  shelf: ModelShelf | null = $state.raw(null);
  /** Why there is no shelf. */
  refusal: StudioErrorShape | null = $state.raw(null);
  filter: ModelFilter = $state({ text: '', fits: false, here: false });
  question: ModelQuestion | null = $state.raw(null);
  /** What speaks against the last verb, and of which model; null of none in particular. */
  problem: { modelId: string | null; error: StudioErrorShape } | null = $state.raw(null);
  /** The place that is to use another model; null when the panel was opened for none. */
  place: ModelPlace | null = $state.raw(null);
  /** The model of which a verb was given and has not shown yet. */
  pendingId: string | null = $state(null);
  measuring = $state(false);
  importing = $state(false);
  /** Whether the line is open where a folder or bundle is chosen. */
  importOpen = $state(false);
  #importOfId: string | null = $state(null);
  /** What came of the last import. */
  imported: string | null = $state(null);
  /** What has just ended, for those who hear it. */
  said = $state('');

  #selectedId: string | null = $state(null);
  /** The models that the filter lets through, by task. */
  readonly groups: readonly ModelGroup[] = $derived(
    groupModels((this.shelf?.models ?? []).filter((model) => matches(model, this.filter))),
  );
  /** The same in one row, as the arrow keys go through them. */
  readonly shown: readonly ModelListing[] = $derived(this.groups.flatMap((group) => group.models));
  readonly selected: ModelListing | null = $derived(
    this.shown.find((model) => model.id === this.#selectedId) ?? this.shown[0] ?? null,
  );

  /** The model that is to be imported; null where files must tell themselves what they are. */
  readonly importOf: ModelListing | null = $derived(
    this.shelf?.models.find((model) => model.id === this.#importOfId) ?? null,
  );

  readonly #session: Session;
  #watched = false;
  #asked: AskedModels | null = null;
  #newest: ModelShelf | null = null;
  #beat: ReturnType<typeof setTimeout> | undefined;
  #pending: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** The panel is opened; from now on the shelf is watched. */
  open(asked: AskedModels): void {
    this.place = asked.place ?? null;
    this.#asked = asked;
    this.filter = { text: '', fits: false, here: false };
    this.problem = null;
    this.imported = null;
    this.importOpen = false;
    this.said = '';
    this.#choose();
    if (!this.#watched) void this.watch();
  }

  /** The panel is closed; downloads go on. */
  close(): void {
    this.question = null;
  }

  /** Main can be asked again: what it no longer tells is asked for. */
  online(): void {
    if (this.#watched) void this.watch();
  }

  dispose(): void {
    clearTimeout(this.#beat);
    clearTimeout(this.#pending);
  }

  /** Asks for the shelf, and to be told of its changes. */
  async watch(): Promise<void> {
    this.#watched = true;
    this.refusal = null;
    const result = await this.#session.answerOf((main) => main.watchModels());
    if (result.ok) this.take(result.value);
    else this.refusal = result.error;
  }

  /** Takes what main tells; what comes within a quarter second of the last is shown after it. */
  take(shelf: ModelShelf): void {
    this.#newest = shelf;
    if (this.#beat !== undefined) return;
    this.#show();
    this.#beat = setTimeout(() => {
      this.#beat = undefined;
      if (this.#newest) this.take(this.#newest);
    }, BEAT_MS);
  }

  select(modelId: string): void {
    this.#selectedId = modelId;
    if (this.problem?.modelId !== modelId) this.problem = null;
  }

  model(modelId: string): ModelListing | undefined {
    return this.shelf?.models.find((one) => one.id === modelId);
  }

  /** Does something with a model, or asks first. */
  async act(model: ModelListing, verb: ModelVerb): Promise<void> {
    if (this.pendingId === model.id) return;
    if (verb === 'import') return this.askImport(model.id);
    if (verb === 'delete' && model.inUse) {
      const message = `${model.name} is in use: choose another model for its engine first.`;
      this.problem = { modelId: model.id, error: { origin: 'ui', code: 'model.in-use', message } };
    } else if (mustAgree(model, verb)) this.question = { kind: 'licence', verb, model };
    else if (mustAsk(model, verb)) this.question = { kind: 'sure', verb, model };
    else await this.#run(model, verb, false);
  }

  /** The answer to the question was yes. */
  async agree(): Promise<void> {
    const question = this.question;
    this.question = null;
    if (question) await this.#run(question.model, question.verb, question.kind === 'licence');
  }

  /** Opens the line where a folder or bundle is chosen, for one model or for any. */
  askImport(modelId: string | null): void {
    this.#importOfId = modelId;
    this.imported = null;
    this.importOpen = true;
  }

  /** Takes in a folder or bundle, and says what came of it. */
  async takeIn(path: string): Promise<void> {
    if (this.importing) return;
    this.importing = true;
    this.imported = null;
    this.problem = null;
    const result = await this.#session.answerOf((main) => main.importModels(path, this.#importOfId));
    this.importing = false;
    if (!result.ok) {
      this.problem = { modelId: null, error: result.error };
      return;
    }
    const [first] = result.value;
    if (first !== undefined) this.#selectedId = first;
    this.#importOfId = null;
    this.imported = importWords(result.value.map((id) => this.#newestModel(id)?.name ?? id));
    this.said = this.imported;
  }

  /** Measures this machine, so that speeds can be predicted. */
  async measure(): Promise<void> {
    if (this.measuring) return;
    this.measuring = true;
    this.problem = null;
    const result = await this.#session.answerOf((main) => main.measureMachine());
    this.measuring = false;
    if (result.ok) this.said = 'This machine is measured.';
    else this.problem = { modelId: null, error: result.error };
  }

  async #run(model: ModelListing, verb: Exclude<ModelVerb, 'import'>, acceptLicence: boolean): Promise<void> {
    this.problem = null;
    this.pendingId = model.id;
    clearTimeout(this.#pending);
    this.#pending = setTimeout(() => (this.pendingId = null), PENDING_MS);
    const result = await this.#session.answerOf((main) => callOf(main, model.id, verb, acceptLicence));
    if (this.pendingId === model.id) this.pendingId = null;
    if (!result.ok) this.problem = { modelId: model.id, error: result.error };
  }

  #show(): void {
    const before = this.shelf;
    this.shelf = this.#newest;
    this.#newest = null;
    this.refusal = null;
    if (before && this.shelf) this.#compare(before, this.shelf);
    this.#choose();
  }

  /** Says what ended since the last picture. */
  #compare(before: ModelShelf, now: ModelShelf): void {
    const earlier = new Map(before.models.map((model) => [model.id, model]));
    for (const model of now.models) {
      const was = earlier.get(model.id);
      if (was && model.checked && was.checked?.atMs !== model.checked.atMs) {
        this.said = `${model.name}: ${checkWords(model.checked)}`;
        continue;
      }
      if (was === undefined || was.state === model.state) continue;
      if (model.id === this.pendingId) this.pendingId = null;
      if (model.state === 'installed') this.said = `${model.name} is ready to use.`;
      if (model.state !== 'failed' && model.state !== 'damaged') continue;
      const title = model.error ? errorWords(model.error).title : 'The download failed.';
      this.said = `${model.name}: ${title}`;
    }
  }

  /** Selects what the panel was opened for, once there is a shelf to choose from. */
  #choose(): void {
    const models = groupModels(this.shelf?.models ?? []).flatMap((group) => group.models);
    if (!this.#asked || models.length === 0) return;
    const { modelId, place, engine } = this.#asked;
    this.#selectedId = firstChoice(models, { modelId, engine: place?.engine ?? engine });
    this.#asked = null;
  }

  #newestModel(id: string): ModelListing | undefined {
    return this.#newest?.models.find((one) => one.id === id) ?? this.model(id);
  }
}

function callOf(
  main: StudioFunctions,
  modelId: string,
  verb: Exclude<ModelVerb, 'import'>,
  acceptLicence: boolean,
): Promise<Result<null>> {
  switch (verb) {
    case 'get':
    case 'resume':
    case 'retry':
    case 'mend':
      return main.downloadModel(modelId, acceptLicence);
    case 'pause':
      return main.pauseModel(modelId);
    case 'cancel':
      return main.cancelModel(modelId);
    case 'delete':
      return main.deleteModel(modelId);
    case 'verify':
      return main.verifyModel(modelId);
  }
}
