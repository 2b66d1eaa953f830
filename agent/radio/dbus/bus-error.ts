/** `error` is the D-Bus error name, or one of this client: `bus.ended`, `bus.timeout`. */
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

/** The error of a call that was not answered in time. */
export function unanswered(what: string, limitMs: number): BusError {
  return new BusError("bus.timeout", `no answer to ${what} within ${limitMs / 1000} s`);
}
