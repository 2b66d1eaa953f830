/** `name` is D-Bus' error name, or one of ours: `bus.ended`, `bus.timeout`. */
export class BusError extends Error {
  override readonly name = "BusError";
  readonly error: string;
  readonly text: string;
  constructor(error: string, text: string, options?: ErrorOptions) {
    super(`${error}: ${text}`, options);
    this.error = error;
    this.text = text;
  }
}

/** Nobody answered in time. */
export function unanswered(what: string, limitMs: number): BusError {
  return new BusError("bus.timeout", `no answer to ${what} within ${limitMs / 1000} s`);
}
