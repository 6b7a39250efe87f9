/** Two texts held against each other, word by word. */
export type WordErrors = {
  /** Fewest insertions, deletions and substitutions that turn one into the other (Levenshtein). */
  errors: number;
  /** Places of equal words on one cheapest way: in the truth, in what was heard. */
  matches: [truth: number, heard: number][];
};

/** Word errors of what was heard against what was said. */
export function wordErrors(truth: readonly string[], heard: readonly string[]): WordErrors {
  const cost = Array.from({ length: truth.length + 1 }, (_, i) =>
    Array.from({ length: heard.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  for (let i = 1; i <= truth.length; i++) {
    for (let j = 1; j <= heard.length; j++) {
      const same = truth[i - 1] === heard[j - 1] ? 0 : 1;
      cost[i]![j] = Math.min(cost[i - 1]![j - 1]! + same, cost[i - 1]![j]! + 1, cost[i]![j - 1]! + 1);
    }
  }
  const matches: [number, number][] = [];
  for (let [i, j] = [truth.length, heard.length]; i > 0 && j > 0;) {
    const here = cost[i]![j]!;
    if (truth[i - 1] === heard[j - 1] && here === cost[i - 1]![j - 1]!) matches.unshift([--i, --j]);
    else if (here === cost[i - 1]![j - 1]! + 1) [i, j] = [i - 1, j - 1];
    else if (here === cost[i - 1]![j]! + 1) i--;
    else j--;
  }
  return { errors: cost[truth.length]![heard.length]!, matches };
}
