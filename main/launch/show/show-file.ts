import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { StudioError } from '../../../contract/errors';
import { ShowSchema, type Show } from '../../../contract/show';
import { describeIssues, parseProject } from '../../studio/project-file';

/**
 * Reads a show script and makes its media paths absolute.
 * @throws StudioError `show.invalid` naming what is wrong, `media.missing` naming the file
 */
export async function readShow(file: string): Promise<Show> {
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw invalid(`The show "${file}" is not a JSON file that can be read.`, cause);
  }
  const show = parseShow(raw, file);
  for (const { path } of show.project.media) {
    if (!(await stat(path).catch(() => null))?.isFile()) {
      throw new StudioError('show', 'media.missing', `The show needs "${path}", which is not there.`);
    }
  }
  return show;
}

/**
 * Reads what a show script says; `file` is where it lies, for its relative paths and for messages.
 * @throws StudioError `show.invalid` or `project.…` naming what is wrong
 */
export function parseShow(raw: unknown, file: string): Show {
  const parsed = v.safeParse(ShowSchema, raw);
  if (!parsed.success) throw invalid(`The show "${file}" is malformed: ${describeIssues(parsed.issues)}`);
  const show = parsed.output;
  const late = show.cues.find((cue) => cue.atS > show.durationS);
  if (late) throw invalid(`A cue at ${late.atS} s comes after the show's end at ${show.durationS} s.`);
  const media = show.project.media.map((item) => ({ ...item, path: resolve(dirname(file), item.path) }));
  return { ...show, project: parseProject({ ...show.project, media }, file) };
}

function invalid(message: string, cause?: unknown): StudioError {
  return new StudioError('show', 'show.invalid', message, cause === undefined ? {} : { cause });
}
