import type { Command, CommandEnvelope } from '../../contract/commands';
import type { StudioErrorShape } from '../../contract/errors';
import type { Result } from '../../contract/rpc';

/** The answer to a command: the version that contains it, or an error. */
export type CommandResult = Result<{ version: number }>;
/** Delivers one command to main. */
export type SendCommand = (envelope: CommandEnvelope) => Promise<CommandResult>;

type Waiting = { envelope: CommandEnvelope; settle: ((result: CommandResult) => void)[] };

/**
 * What a command overwrites, so that a newer one of the same key makes it needless; null for
 * commands that must each arrive.
 */
export function commandKey(command: Command): string | null {
  switch (command.type) {
    case 'layer.update':
    case 'engine.update':
    case 'generate.update':
      return `${command.type}:${command.layerId}:${fields(command.patch)}`;
    case 'strip.update':
      return `${command.type}:${command.stripId}:${fields(command.patch)}`;
    case 'destination.update':
      return `${command.type}:${command.destinationId}:${fields(command.patch)}`;
    case 'master.update':
    case 'programme.update':
    case 'project.rename':
      return command.type;
    case 'captions.update':
    case 'obs.configure':
      return `${command.type}:${fields(command.patch)}`;
    case 'cue.set':
      return `${command.type}:${command.cue.id}`;
    case 'recording.configure':
      return `${command.type}:${fields(command.recording)}`;
    case 'layer.seek':
      return `${command.type}:${command.layerId}`;
    case 'scene.rename':
      return `${command.type}:${command.sceneId}`;
    default:
      return null;
  }
}

function fields(patch: object): string {
  return Object.keys(patch).sort().join(',');
}

/**
 * Tames slider storms: of each key at most one command is on its way and at most one waits;
 * a newer value replaces the waiting one, so the last always wins. Commands without a key
 * first push out all that waits, so order is kept.
 */
export class CommandQueue {
  readonly #send: SendCommand;
  readonly #flying = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(send: SendCommand) {
    this.#send = send;
  }

  /** Resolves with the answer to this command or to the one that replaced it; never rejects. */
  push(envelope: CommandEnvelope): Promise<CommandResult> {
    const key = commandKey(envelope.command);
    if (key === null) {
      this.#flush();
      return this.#deliver(envelope);
    }
    return new Promise((settle) => {
      const waiting = this.#waiting.get(key);
      if (waiting) {
        waiting.envelope = envelope;
        waiting.settle.push(settle);
      } else if (this.#flying.has(key)) {
        this.#waiting.set(key, { envelope, settle: [settle] });
      } else {
        void this.#fly(key, { envelope, settle: [settle] });
      }
    });
  }

  async #fly(key: string, waiting: Waiting): Promise<void> {
    this.#flying.set(key, (this.#flying.get(key) ?? 0) + 1);
    const result = await this.#deliver(waiting.envelope);
    const left = (this.#flying.get(key) ?? 1) - 1;
    if (left > 0) this.#flying.set(key, left);
    else this.#flying.delete(key);
    for (const settle of waiting.settle) settle(result);
    const next = this.#waiting.get(key);
    if (next && left === 0) {
      this.#waiting.delete(key);
      void this.#fly(key, next);
    }
  }

  #flush(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [key, waiting] of all) void this.#fly(key, waiting);
  }

  async #deliver(envelope: CommandEnvelope): Promise<CommandResult> {
    try {
      return await this.#send(envelope);
    } catch (cause) {
      return { ok: false, error: lostCommand(envelope.command, cause) };
    }
  }
}

function lostCommand(command: Command, cause: unknown): StudioErrorShape {
  return {
    origin: 'ui',
    code: 'internal',
    message: `The change "${command.type}" did not reach the studio; try it again once the connection is back.`,
    cause: String(cause).slice(0, 4000),
  };
}
