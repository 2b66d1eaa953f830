import type { Measure, Series } from "../question.ts";

/** Values as they come, by subject, in the order in which the subjects first appear. */
export class Tally {
  readonly #values = new Map<string, number[]>();

  add(subject: string, ...values: readonly (number | undefined)[]): void {
    const known = this.#values.get(subject) ?? [];
    this.#values.set(subject, [...known, ...values.filter((value) => value !== undefined)]);
  }

  measure(what: string, unit: string, decimals: number): Measure {
    return {
      what,
      unit,
      decimals,
      series: [...this.#values].map(([subject, values]): Series => ({ subject, values })),
    };
  }
}
