/** One file of a spool. */
export interface SpoolFile {
  readonly path: string;
  bytes: number;
  /** The highest number of each run that is in it and may be needed. */
  readonly reached: Map<string, number>;
}

/** Which file holds which readings. Files are in the order in which they were written. */
export class FileIndex {
  readonly #files = new Set<SpoolFile>();
  readonly #byRun = new Map<string, SpoolFile[]>();
  readonly #reached = new Map<string, number>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get files(): Iterable<SpoolFile> {
    return this.#files;
  }

  get oldest(): SpoolFile | undefined {
    return this.#files.values().next().value;
  }

  /** The highest number of a run that was ever written, 0 if none was. */
  reached(run: string): number {
    return this.#reached.get(run) ?? 0;
  }

  add(file: SpoolFile): void {
    this.#files.add(file);
    this.#bytes += file.bytes;
  }

  resize(file: SpoolFile, bytes: number): void {
    this.#bytes += bytes - file.bytes;
    file.bytes = bytes;
  }

  /** Notes that a file holds a reading. Numbers rise within a run. */
  note(file: SpoolFile, run: string, seq: number): void {
    if (seq <= this.reached(run)) return;
    this.#reached.set(run, seq);
    if (!file.reached.has(run)) this.#byRun.set(run, [...(this.#byRun.get(run) ?? []), file]);
    file.reached.set(run, seq);
  }

  /** The file that holds a reading, if any does. */
  find(run: string, seq: number): SpoolFile | undefined {
    return this.#byRun.get(run)?.find((file) => (file.reached.get(run) ?? 0) >= seq);
  }

  /** Notes that of a run nothing below a number is needed, and returns the files that nothing is needed of. */
  release(run: string, below: number): SpoolFile[] {
    const files = this.#byRun.get(run) ?? [];
    const free: SpoolFile[] = [];
    for (let file = files[0]; file && (file.reached.get(run) ?? 0) < below; file = files[0]) {
      files.shift();
      file.reached.delete(run);
      if (file.reached.size === 0) free.push(file);
    }
    if (files.length === 0) this.#byRun.delete(run);
    return free;
  }

  delete(file: SpoolFile): void {
    if (this.#files.delete(file)) this.#bytes -= file.bytes;
  }
}
