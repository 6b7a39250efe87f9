import { execFileSync } from 'node:child_process';

/** Process ids below `pid` whose command line contains `text`. */
export function childrenNamed(pid: number, text: string): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const all = rows.map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row)).filter((match) => match !== null);
  const below = new Set([pid]);
  for (let grew = true; grew;) {
    grew = false;
    for (const [, id, parent] of all) {
      if (below.has(Number(parent)) && !below.has(Number(id))) {
        below.add(Number(id));
        grew = true;
      }
    }
  }
  return all
    .filter(([, id, , args]) => below.has(Number(id)) && args!.includes(text))
    .map(([, id]) => Number(id));
}

/** Ends processes at once; one that is gone already is no matter. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
