import { parseArgs } from 'node:util';
import { StudioError } from '../../contract/errors';

/** What the command line asks for. */
export type Cli = {
  headless: boolean;
  /** No window: print the address. */
  serve: boolean;
  demo: boolean;
  show: string | null;
  out: string | null;
  project: string | null;
  userData: string | null;
};

/**
 * Reads the studio's arguments.
 * @throws StudioError `argument.invalid` in words
 */
export function parseCli(args: readonly string[]): Cli {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        headless: { type: 'boolean', default: false },
        serve: { type: 'boolean', default: false },
        demo: { type: 'boolean', default: false },
        show: { type: 'string' },
        out: { type: 'string' },
        project: { type: 'string' },
        'user-data': { type: 'string' },
      },
    });
    if (values.demo && values.show) throw new Error('--demo and --show exclude each other.');
    return {
      headless: values.headless,
      serve: values.serve,
      demo: values.demo,
      show: values.show ?? null,
      out: values.out ?? null,
      project: values.project ?? null,
      userData: values['user-data'] ?? null,
    };
  } catch (error) {
    throw new StudioError(
      'shell',
      'argument.invalid',
      `${(error as Error).message} See npm start -- --help.`,
    );
  }
}
