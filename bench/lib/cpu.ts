import { readFileSync, readdirSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** CPU seconds used so far by a process and all its descendants (Linux `/proc`). */
export function treeCpuSeconds(pid: number): number {
  const parents = new Map<number, number[]>();
  const used = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const id = Number(entry);
    if (!Number.isInteger(id)) continue;
    try {
      const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const parent = Number(fields[1]);
      parents.set(parent, [...(parents.get(parent) ?? []), id]);
      used.set(id, (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND);
    } catch {
      // The process ended while we looked.
    }
  }
  let total = 0;
  const queue = [pid];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    total += used.get(id) ?? 0;
    queue.push(...(parents.get(id) ?? []));
  }
  return total;
}
