interface Known<State> {
  readonly state: State;
  sender: string;
}

/**
 * The state of each run, bounded. When there are too many, the sender that has most of them loses the older half of its own:
 * made-up runs displace each other, and no run of another sender. A run belongs to the sender that was last seen with it.
 */
export class BoundedRuns<State> {
  readonly #limit: number;
  readonly #known = new Map<string, Known<State>>();
  /** The runs of each sender, least recently seen first. */
  readonly #bySender = new Map<string, Set<string>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(run: string): State | undefined {
    return this.#known.get(run)?.state;
  }

  senderOf(run: string): string | undefined {
    return this.#known.get(run)?.sender;
  }

  names(): IterableIterator<string> {
    return this.#known.keys();
  }

  *entries(): Generator<[run: string, state: State]> {
    for (const [run, { state }] of this.#known) yield [run, state];
  }

  /** Returns the state of a run that a sender was just seen with. Forgets others beyond the limit; `forgotten`: how many. */
  touch(run: string, sender: string, create: () => State): { readonly state: State; readonly forgotten: number } {
    const known = this.#known.get(run) ?? { state: create(), sender };
    this.#detach(run, known.sender);
    known.sender = sender;
    const own = this.#bySender.get(sender) ?? new Set();
    this.#bySender.set(sender, own.add(run));
    this.#known.set(run, known);
    return { state: known.state, forgotten: this.#known.size > this.#limit ? this.#forget() : 0 };
  }

  #detach(run: string, sender: string): void {
    const runs = this.#bySender.get(sender);
    runs?.delete(run);
    if (runs?.size === 0) this.#bySender.delete(sender);
  }

  #forget(): number {
    let sender = "";
    let most: ReadonlySet<string> = new Set();
    for (const [name, runs] of this.#bySender) if (runs.size > most.size) [sender, most] = [name, runs];
    const victims = [...most].slice(0, Math.ceil(most.size / 2));
    for (const run of victims) {
      this.#detach(run, sender);
      this.#known.delete(run);
    }
    return victims.length;
  }
}
