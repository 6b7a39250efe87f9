import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { ErrorCode } from '../../../contract/errors';
import { CommandSchema, type Command } from '../../../contract/commands';
import { describeCommand } from './describe-command';

/** A moment of the show. */
export type Cue = {
  /** Seconds after the recording began. */
  atS: number;
  kind: 'command' | 'event';
  text: string;
  /** How many commands in a row this stands for: a slider gives many. */
  count: number;
  /** Named by the show's author; drawn on the plots. */
  named: boolean;
};

/** Commands to the same target within this time are one movement. */
const MOVEMENT_US = 1_500_000;

const EntrySchema = v.looseObject({ atUs: v.number(), kind: v.string() });
type Entry = v.InferOutput<typeof EntrySchema>;

/** What a session log tells, with the number of lines that could not be read (a kill may cut the last). */
export type SessionStory = { cues: Cue[]; unreadableLines: number };

/** Reads the cues of a recording from its session log; entries before the recording are left out. */
export async function readSessionCues(file: string | null, startedUs: number): Promise<SessionStory> {
  if (file === null) return { cues: [], unreadableLines: 0 };
  const story: SessionStory = { cues: [], unreadableLines: 0 };
  let last: { cue: Cue; target: string; atUs: number } | null = null;
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    if (line.trim() === '') continue;
    const entry = parseEntry(line);
    if (entry === null) {
      story.unreadableLines += 1;
      continue;
    }
    if (entry.atUs < startedUs - 1_000) continue;
    const told = tell(entry);
    if (told === null) continue;
    if (last !== null && told.target === last.target && !told.named && entry.atUs - last.atUs < MOVEMENT_US) {
      last.cue.text = told.text;
      last.cue.count += 1;
      last.atUs = entry.atUs;
      continue;
    }
    const { target, ...rest } = told;
    const cue: Cue = { ...rest, atS: Math.max(0, (entry.atUs - startedUs) / 1e6), count: 1 };
    story.cues.push(cue);
    last = { cue, target, atUs: entry.atUs };
  }
  return story;
}

function tell(entry: Entry): { kind: Cue['kind']; text: string; target: string; named: boolean } | null {
  const label = typeof entry['label'] === 'string' ? entry['label'] : null;
  const command = v.safeParse(CommandSchema, entry['command']);
  if (command.success) {
    const text = describeCommand(command.output);
    const shown = label === null ? text : `${label} — ${text}`;
    return { kind: 'command', text: shown, target: targetOf(command.output), named: label !== null };
  }
  if (label !== null) return { kind: 'event', text: label, target: `label ${label}`, named: true };
  const code = errorCodeOf(entry);
  const subject = [entry['name'], entry['state'], entry['message'], code].find(
    (part) => typeof part === 'string',
  );
  if (subject === undefined) return null;
  return {
    kind: 'event',
    text: `${entry.kind}: ${String(subject)}`,
    target: `${entry.kind} ${String(subject)}`,
    named: false,
  };
}

function errorCodeOf(entry: Entry): ErrorCode | null {
  const error = entry['error'];
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return error.code as ErrorCode;
}

function targetOf(command: Command): string {
  const ids = Object.entries(command).filter(([name]) => name.endsWith('Id'));
  const knobs = 'patch' in command ? Object.keys(command.patch).sort() : [];
  return JSON.stringify([command.type, ids, knobs]);
}

function parseEntry(line: string): Entry | null {
  try {
    const parsed = v.safeParse(EntrySchema, JSON.parse(line));
    return parsed.success ? parsed.output : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
