import * as v from 'valibot';

/** How loudly the interface reports an error. */
export type Severity = 'error' | 'warning' | 'info';

/** What the button beside an error does. */
export type ErrorAction =
  'none' | 'retry' | 'choose-device' | 'choose-folder' | 'open-settings' | 'open-models' | 'restart-engine';

/**
 * Every code an error can carry across a process, with its severity, the sentence a
 * streamer reads and the button that helps. Code, never message text, decides behaviour.
 */
export const ERROR_TABLE = {
  'argument.invalid': ['warning', 'That value is not allowed.', 'none'],
  'air.refused': ['warning', 'That cannot be done while on air.', 'none'],
  'message.invalid': ['warning', 'A malformed message was refused.', 'none'],
  'auth.refused': ['error', 'The connection was refused.', 'none'],
  'project.unreadable': ['error', 'The project file could not be read.', 'none'],
  'project.newer': ['error', 'The project was made by a newer version.', 'none'],
  'project.write-failed': ['error', 'The project could not be saved.', 'retry'],
  'media.missing': ['error', 'The media file is missing.', 'none'],
  'media.unsupported': ['error', 'This file cannot be played here.', 'none'],
  'media.disk-full': ['error', 'There is not enough room on the disk for this file.', 'none'],
  'device.missing': ['warning', 'The device is not connected.', 'choose-device'],
  'device.denied': ['warning', 'Access to the device was denied.', 'retry'],
  'device.lost': ['warning', 'The device went away; it is taken back when it returns.', 'none'],
  'encoder.missing': ['error', 'No H.264 encoder works on this machine.', 'none'],
  'encoder.lost': ['warning', 'The video encoder failed and was restarted.', 'none'],
  'compositor.lost': ['warning', 'The graphics device was lost; another renderer took over.', 'none'],
  'model.missing': ['error', 'The model file is missing.', 'open-models'],
  'model.corrupt': ['error', 'The model file is damaged.', 'open-models'],
  'model.contract': ['error', 'The model does not fit this engine.', 'open-models'],
  'model.catalogue': ['warning', 'Part of a model catalogue could not be read.', 'none'],
  'model.licence': ['warning', 'The terms of this model must be agreed to first.', 'open-models'],
  'model.download-failed': ['error', 'The model could not be fetched.', 'open-models'],
  'model.no-address': ['warning', 'This model has to be imported.', 'open-models'],
  'model.disk-full': ['error', 'There is not enough room on the disk for this model.', 'open-models'],
  'model.in-use': ['warning', 'The model is in use.', 'none'],
  'model.import-failed': ['error', 'That folder or bundle could not be taken in.', 'none'],
  'provider.refused': ['warning', 'This graphics provider cannot run the model.', 'none'],
  'provider.absent': ['warning', 'This machine does not have that provider.', 'none'],
  'engine.memory': ['error', 'There is not enough memory for this model.', 'restart-engine'],
  'remote.lost': ['warning', 'The model server is away; this machine stands in.', 'none'],
  'remote.refused': ['error', 'The model server refused the token; this machine stands in.', 'open-settings'],
  'remote.invalid': ['error', 'The model server answered wrongly; this machine stands in.', 'none'],
  'engine.start-failed': ['error', 'The engine could not start.', 'restart-engine'],
  'engine.crashed': ['warning', 'The engine stopped and is restarted.', 'none'],
  'engine.failed': ['error', 'The engine could not do its work.', 'restart-engine'],
  'gpu.unavailable': ['info', 'No graphics card makes pictures here; the processor does.', 'none'],
  'gpu.failed': ['warning', 'The graphics card failed; the processor makes the pictures.', 'none'],
  'ffmpeg.missing': ['error', 'ffmpeg was not found on this machine.', 'none'],
  'ffmpeg.failed': ['error', 'ffmpeg stopped unexpectedly.', 'retry'],
  'destination.invalid': ['error', 'The destination address is not valid.', 'open-settings'],
  'destination.key-missing': ['error', 'The stream key is not set.', 'open-settings'],
  'destination.lost': ['warning', 'The server connection was lost; trying again.', 'none'],
  'destination.gave-up': ['error', 'The server could not be reached.', 'retry'],
  'obs.absent': ['error', 'OBS could not be reached.', 'open-settings'],
  'obs.refused': ['error', 'OBS did not accept the password.', 'open-settings'],
  'obs.unsupported': ['error', 'This OBS cannot do what is needed.', 'none'],
  'obs.lost': ['warning', 'OBS went away; trying again.', 'none'],
  'obs.no-picture': ['warning', 'OBS does not show the programme; its source is mended.', 'none'],
  'camera.unavailable': ['error', 'This virtual camera is not available here.', 'open-settings'],
  'camera.failed': ['error', 'The virtual camera stopped.', 'retry'],
  'captions.files': ['warning', 'The caption files could not be written.', 'choose-folder'],
  'recording.folder': ['error', 'The recording folder cannot be written.', 'choose-folder'],
  'recording.disk-full': ['error', 'The disk is full; the recording was closed safely.', 'choose-folder'],
  'recording.recovered': ['info', 'A recording that was cut off has been saved.', 'none'],
  'recording.failed': ['error', 'The recording stopped.', 'retry'],
  'session-log.failed': ['warning', 'The session log is incomplete; the recording goes on.', 'none'],
  'server.port-in-use': ['warning', 'The network port is already in use.', 'none'],
  'instance.second': ['info', 'Fantascope is already running.', 'none'],
  'shell.missing': ['error', 'No browser or Electron was found to show the studio.', 'none'],
  'secret.unavailable': ['warning', 'This machine has no secret store; keys are asked again.', 'none'],
  'show.invalid': ['error', 'The show script is not valid.', 'none'],
  'stage.lost': ['error', 'The studio window stopped and is restarted.', 'none'],
  internal: ['error', 'Something unexpected happened.', 'none'],
} as const satisfies Record<string, readonly [Severity, string, ErrorAction]>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** Which part of the house an error comes from. */
export const ORIGINS = [
  'studio',
  'server',
  'shell',
  'stage',
  'sound',
  'engine',
  'output',
  'show',
  'ui',
] as const;
export type Origin = (typeof ORIGINS)[number];

const errorCodes = Object.keys(ERROR_TABLE) as [ErrorCode, ...ErrorCode[]];

/** The form in which an error crosses a process: plain data, no stack. */
export const StudioErrorSchema = v.object({
  origin: v.picklist(ORIGINS),
  code: v.picklist(errorCodes),
  message: v.pipe(v.string(), v.maxLength(2000)),
  cause: v.optional(v.pipe(v.string(), v.maxLength(4000))),
});
export type StudioErrorShape = v.InferOutput<typeof StudioErrorSchema>;

/** An error with an origin and a code, convertible to and from its wire form. */
export class StudioError extends Error {
  readonly origin: Origin;
  readonly code: ErrorCode;

  constructor(origin: Origin, code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StudioError';
    this.origin = origin;
    this.code = code;
  }

  /** The plain form that crosses processes and is shown to people. */
  toShape(): StudioErrorShape {
    const cause = this.cause === undefined ? undefined : describeCause(this.cause);
    return { origin: this.origin, code: this.code, message: this.message, ...(cause ? { cause } : {}) };
  }
}

/** Wraps anything thrown into a `StudioError`; one that already is passes through. */
export function toStudioError(error: unknown, origin: Origin, code: ErrorCode = 'internal'): StudioError {
  if (error instanceof StudioError) return error;
  return new StudioError(origin, code, describeCause(error), { cause: error });
}

function describeCause(cause: unknown): string {
  if (cause instanceof Error) return cause.message.slice(0, 4000);
  return String(cause).slice(0, 4000);
}
