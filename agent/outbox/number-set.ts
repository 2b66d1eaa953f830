interface Range {
  readonly first: number;
  last: number;
}

/** Sequence numbers as ranges: its memory grows with the gaps between them, not with their count. */
export class NumberSet {
  /** Rising, with a gap between each two. */
  #ranges: Range[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): number | undefined {
    return this.#ranges[0]?.first;
  }

  add(number: number): void {
    const last = this.#ranges.at(-1);
    if (last && number === last.last + 1) last.last = number;
    else if (!last || number > last.last) this.#ranges.push({ first: number, last: number });
    else if (this.has(number)) return;
    else this.#insert(number);
    this.#size += 1;
  }

  has(number: number): boolean {
    return this.above(number - 1) === number;
  }

  /** The lowest member above a number. */
  above(number: number): number | undefined {
    const range = this.#ranges[this.#indexAbove(number)];
    return range && Math.max(range.first, number + 1);
  }

  /** The highest member that is not above a number. */
  upTo(number: number): number | undefined {
    const index = this.#indexAbove(number);
    const range = this.#ranges[index];
    return range && range.first <= number ? number : this.#ranges[index - 1]?.last;
  }

  countAbove(number: number): number {
    let count = 0;
    for (let i = this.#ranges.length - 1; i >= 0; i -= 1) {
      const range = this.#ranges[i];
      if (!range || range.last <= number) break;
      count += range.last - Math.max(range.first, number + 1) + 1;
    }
    return count;
  }

  remove(number: number): void {
    if (!this.has(number)) return;
    const { first, last } = this.#ranges[this.#indexAbove(number - 1)] as Range;
    const rest = [
      { first, last: number - 1 },
      { first: number + 1, last },
    ].filter((range) => range.first <= range.last);
    this.#ranges.splice(this.#indexAbove(number - 1), 1, ...rest);
    this.#size -= 1;
  }

  /** Removes all members up to a number and returns how many. */
  removeUpTo(number: number): number {
    const before = this.#size;
    this.#size = this.countAbove(number);
    if (this.#size === before) return 0;
    const next = this.above(number);
    const kept = this.#ranges.slice(this.#indexAbove(number));
    const [head] = kept;
    if (head && next !== undefined) kept[0] = { first: next, last: head.last };
    this.#ranges = kept;
    return before - this.#size;
  }

  #insert(number: number): void {
    const index = this.#indexAbove(number);
    this.#ranges.splice(index, 0, { first: number, last: number });
    const merged: Range[] = [];
    for (const range of this.#ranges) {
      const previous = merged.at(-1);
      if (previous && previous.last + 1 >= range.first) previous.last = Math.max(previous.last, range.last);
      else merged.push({ ...range });
    }
    this.#ranges = merged;
  }

  /** Index of the first range that has a member above a number. */
  #indexAbove(number: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = this.#ranges[middle];
      if (range && range.last <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
