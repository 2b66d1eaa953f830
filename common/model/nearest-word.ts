/** The known word that needs the fewest changes to become `word`; undefined where more than `mostChanges` are needed. */
export function nearestWord(word: string, known: readonly string[], mostChanges: number): string | undefined {
  const ranked = known.map((each) => ({ each, changes: editDistance(word, each) }));
  const [best] = ranked.sort((a, b) => a.changes - b.changes);
  return best && best.changes <= mostChanges ? best.each : undefined;
}

/** Characters to insert, delete or replace (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const [left = 0, above = 0, diagonal = 0] = [next[j], row[j + 1], row[j]];
      next.push(Math.min(left + 1, above + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
