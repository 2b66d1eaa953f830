/** One question that the benchmarks answer, in a file of its own. */
export interface Question {
  /** As on the command line. */
  readonly name: string;
  /** As a heading: what is asked. */
  readonly title: string;
  /** Left out of a quick run that does not name it. */
  readonly isSlow?: boolean;
  /** Takes many minutes, and other work on the machine does not change its answer: asked beside others of this kind. */
  readonly isSturdy?: boolean;
  ask(bench: Bench): Promise<Answer>;
}

/** Means that a question may use. */
export interface Bench {
  /** Shorter and fewer runs: the quick questions together take two minutes on two cores. */
  readonly isQuick: boolean;
  /** Repetitions of each measurement. */
  readonly runs: number;
  /** A folder for sockets and files, removed with the question. */
  readonly folder: string;
  /** Program files of the subjects. */
  readonly programs: Programs;
  /** Called when the question has ended, the last one first. */
  after(cleanup: () => unknown): void;
  /** Ends the question with an error. */
  fail(error: Error): void;
  /** Reports progress on stderr. */
  progress(text: string): void;
}

export interface Programs {
  /** The Node that the Debian package ships. */
  readonly node: string;
  /** A Python with aiobmsble, or the reason why there is none. */
  readonly peer: Available;
  readonly telegraf: Available;
}

export type Available = { readonly path: string } | { readonly missing: string };

export interface Answer {
  readonly measures: readonly Measure[];
  readonly budgets: readonly Budget[];
  /** Remarks for the reader: ages, rates, what is not here. */
  readonly notes: readonly string[];
}

/** One thing that was measured about several subjects at the same time. */
export interface Measure {
  readonly what: string;
  readonly unit: string;
  readonly decimals: number;
  readonly series: readonly Series[];
}

export interface Series {
  readonly subject: string;
  /** One per run. */
  readonly values: readonly number[];
}

/** A limit that the project has set itself. */
export interface Budget {
  readonly what: string;
  /** The measured figure, as text. */
  readonly figure: string;
  readonly isMet: boolean;
  /** Far beyond the limit, or a promise that is not kept: fails the run. */
  readonly isBroken?: boolean;
}
