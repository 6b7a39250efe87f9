import * as v from 'valibot';
import { CommandSchema } from './commands';
import { ProjectSchema } from './project';

const seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(86_400));

/**
 * A show script: a project to start from and the commands to give at programme times.
 * Media paths in it are relative to the script.
 */
export const ShowSchema = v.object({
  version: v.literal(1),
  title: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  /** Length of the recording. */
  durationS: v.pipe(seconds, v.minValue(1)),
  project: ProjectSchema,
  cues: v.pipe(
    v.array(
      v.object({
        /** Seconds after the recording began. */
        atS: seconds,
        label: v.optional(v.pipe(v.string(), v.maxLength(200))),
        command: CommandSchema,
      }),
    ),
    v.maxLength(10_000),
  ),
});
export type Show = v.InferOutput<typeof ShowSchema>;
