import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Governor } from './governor';

const TIERS = [
  { label: 'full', cost: 1 },
  { label: 'three quarters', cost: 0.56 },
  { label: 'half', cost: 0.25 },
];
const BUDGET_MS = 100;

/** A machine on which a result takes `busy` times what its tier costs, and a governor on it. */
class Machine {
  nowMs = 0;
  busy = 50;
  readonly governor: Governor;
  readonly trace: number[] = [];
  readonly #costs: readonly number[];

  constructor(costs: readonly number[] = TIERS.map(({ cost }) => cost)) {
    this.#costs = costs;
    this.governor = new Governor(TIERS, () => this.nowMs);
  }

  /** Makes results for so long; answers with the tiers that were in force. */
  run(seconds: number): number[] {
    const seen: number[] = [];
    for (const end = this.nowMs + 1000 * seconds; this.nowMs < end;) {
      const costMs = this.busy * this.#costs[this.governor.tier]!;
      this.nowMs += Math.max(costMs, BUDGET_MS);
      this.governor.note(costMs, BUDGET_MS);
      if (seen.at(-1) !== this.governor.tier) seen.push(this.governor.tier);
      this.trace.push(this.governor.tier);
    }
    return seen;
  }
}

describe('Governor', () => {
  it('[Q1] [Q2] keeps the best tier while there is time, and gives it up within seconds when there is not', () => {
    const machine = new Machine();
    expect(machine.run(60)).toEqual([0]);
    machine.busy = 140;
    expect(machine.run(3)).toEqual([0, 1]);
    expect(machine.run(120)).toEqual([1]);
  });

  it('[Q2] goes as far down as it foresees to be needed, at once', () => {
    const machine = new Machine();
    machine.busy = 300;
    expect(machine.run(5)).toEqual([0, 2]);
  });

  it('[Q2] stays at the cheapest where even that is too much', () => {
    const machine = new Machine();
    machine.busy = 2000;
    expect(machine.run(20)).toEqual([0, 2]);
  });

  it('[Q3] goes up again, a tier at a time, once there has been room for its patience', () => {
    const machine = new Machine();
    machine.busy = 300;
    machine.run(5);
    machine.busy = 50;
    expect(machine.run(4)).toEqual([2]);
    expect(machine.run(20)).toEqual([2, 1, 0]);
  });

  it('[Q3] does not go up into what it would have to leave again', () => {
    const machine = new Machine();
    machine.busy = 140;
    machine.run(5);
    machine.busy = 95;
    expect(machine.run(300)).toEqual([1]);
  });

  it('[Q5] tries ever less often what fails each time', () => {
    // The tier above costs far more than anyone foresaw.
    const machine = new Machine([3, 0.5, 0.25]);
    machine.busy = 100;
    machine.run(600);
    const ups = machine.trace.filter((tier, i) => i > 0 && tier < machine.trace[i - 1]!).length;
    expect(ups).toBeLessThanOrEqual(4);
    // At least nine tenths of the time at the tier that keeps up.
    expect(machine.trace.filter((tier) => tier === 1).length).toBeGreaterThan(0.9 * machine.trace.length);
  });

  it('[Q6] a pinned tier stays under any load, and is let go of', () => {
    const machine = new Machine();
    machine.governor.pin(1);
    machine.busy = 1000;
    expect(machine.run(30)).toEqual([1]);
    expect(machine.governor.status).toMatchObject({ tier: 1, pinned: true, reason: 'Chosen by you.' });
    machine.governor.pin(null);
    expect(machine.run(30)).toEqual([2]);
    machine.governor.pin(99);
    expect(machine.governor.tier).toBe(2);
  });

  it('[Q7] says what it did and why', () => {
    const machine = new Machine();
    expect(machine.governor.status).toEqual({
      tier: 0,
      labels: ['full', 'three quarters', 'half'],
      pinned: false,
      reason: 'There is time for the best.',
    });
    machine.busy = 150;
    machine.run(5);
    expect(machine.governor.status).toMatchObject({
      tier: 1,
      reason: 'full took 150 % of the time there is.',
    });
  });

  it('[Q1] nothing before a break counts, nor the first result after it', () => {
    const machine = new Machine();
    machine.busy = 130;
    machine.run(0.5);
    machine.nowMs += 60_000;
    machine.busy = 50;
    expect(machine.run(10)).toEqual([0]);
  });

  it('commits under any steady load: no more than a few changes, then long stretches of none', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 10, max: 900, noNaN: true }),
        fc.array(fc.double({ min: 0.3, max: 1.5, noNaN: true }), { minLength: 2, maxLength: 2 }),
        (busy, skew) => {
          const machine = new Machine([1, 0.56 * skew[0]!, 0.25 * skew[1]!]);
          machine.busy = busy;
          machine.run(600);
          const changes = machine.trace.filter((tier, i) => i > 0 && tier !== machine.trace[i - 1]).length;
          expect(changes).toBeLessThanOrEqual(12);
        },
      ),
      { numRuns: 300 },
    );
  });
});
