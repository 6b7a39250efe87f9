import type { CommandEnvelope } from './commands';
import type { EngineName, EngineRun, KnownRun } from './engine';
import type { StudioErrorShape } from './errors';
import type { LiveState } from './live';
import type { ModelShelf } from './models';
import type { Media } from './project';

/** The result of an RPC: errors are values, so that their code survives the wire. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: StudioErrorShape };

/** What a native file dialog is opened for. */
export const FILE_PURPOSES = ['media', 'project', 'folder', 'bundle'] as const;
export type FilePurpose = (typeof FILE_PURPOSES)[number];

/** A project file that can be opened. */
export type ProjectListing = { path: string; name: string; modifiedMs: number };

/** The projects of this machine's user: the studio's own folder, and those used lately, newest first. */
export type ProjectList = { folder: string; projects: ProjectListing[] };

/** What the interface may ask of main, over birpc on the `/control` socket. */
export type StudioFunctions = {
  /** The present snapshot, and from now on `state` calls. */
  subscribe: () => Promise<Result<LiveState>>;
  /** Applies one command; answers with the version that contains it. */
  command: (envelope: CommandEnvelope) => Promise<Result<{ version: number }>>;
  /** Stores a stream key in the shell's secret store; an empty string forgets it. */
  setStreamKey: (destinationId: string, key: string) => Promise<Result<null>>;
  /** Stores the obs-websocket password in the shell's secret store; an empty string forgets it. */
  setObsPassword: (password: string) => Promise<Result<null>>;
  /** What an engine is to run on. */
  engineRun: (engine: EngineName) => Promise<Result<KnownRun>>;
  /** Has an engine run on something else, from now on and on this machine. */
  setEngineRun: (engine: EngineName, run: EngineRun) => Promise<Result<null>>;
  /** Stores the token of an engine's model server in the shell's secret store; an empty string forgets it. */
  setEngineToken: (engine: EngineName, token: string) => Promise<Result<null>>;
  /** Native file dialogs where the shell has them; null when cancelled. */
  chooseFile: (purpose: FilePurpose) => Promise<Result<string | null>>;
  /** Opens an https address in the user's browser, from a shell that shows no other pages. */
  openExternal: (address: string) => Promise<Result<null>>;
  listProjects: () => Promise<Result<ProjectList>>;
  /** Opens a project file; a relative path begins in the studio's own folder. Refused on air. */
  openProject: (path: string) => Promise<Result<null>>;
  /** Goes on in a new file, never over another project. */
  saveProjectAs: (path: string) => Promise<Result<null>>;
  /** Registers a file of this machine as media of the project. */
  addMedia: (path: string) => Promise<Result<Media>>;
  /** Looks anew for the ways this machine has to appear as a camera; they come in the state. */
  probeCameras: () => Promise<Result<null>>;
  /** Shows a finished recording in the file manager. */
  revealRecording: () => Promise<Result<null>>;
  /** The models, and from now on `models` calls whenever something about them changes, at most four a second. */
  watchModels: () => Promise<Result<ModelShelf>>;
  /** Fetches a model, or goes on with one that was paused or failed; `acceptLicence` says that the user agreed to its terms. */
  downloadModel: (modelId: string, acceptLicence: boolean) => Promise<Result<null>>;
  /** Stops a download and keeps what came. */
  pauseModel: (modelId: string) => Promise<Result<null>>;
  /** Stops a download and deletes what came of files that nothing else needs. */
  cancelModel: (modelId: string) => Promise<Result<null>>;
  /** Deletes an installed or damaged model; files that other models share stay. */
  deleteModel: (modelId: string) => Promise<Result<null>>;
  /** Holds the files of a model that is here against the catalogue; the outcome is in its listing. */
  verifyModel: (modelId: string) => Promise<Result<null>>;
  /**
   * Takes in a folder or an offline bundle of this machine; answers with the models that came of it.
   * `modelId` says which model of the catalogue its files are meant to be, where they do not tell themselves.
   */
  importModels: (path: string, modelId: string | null) => Promise<Result<string[]>>;
  /** Measures this machine for a few seconds, so that predictions stand on something. */
  measureMachine: () => Promise<Result<null>>;
  dismissNotice: (key: string) => Promise<Result<null>>;
};

/** What main calls on the interface. */
export type InterfaceFunctions = {
  state: (state: LiveState) => void;
  models: (shelf: ModelShelf) => void;
};

/** Socket paths on the studio's origin. */
export const CONTROL_PATH = '/control';
export const STAGE_PATH = '/stage';
/** HTTP path under which a registered media file is served, with byte ranges. */
export const MEDIA_PATH = '/media/';
/** HTTP POST: the body becomes a media file of the project (browser shell); header `x-file-name`. */
export const UPLOAD_PATH = '/upload';
/** HTTP POST with header `x-launch-code`: answers the token, once for each code. */
export const LAUNCH_PATH = '/launch';
/** The first WebSocket subprotocol; the second is `token.` + the launch token. */
export const SUBPROTOCOL = 'fantascope.1';
export const TOKEN_PREFIX = 'token.';
