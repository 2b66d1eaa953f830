/** The operator asked for what cannot be. The message is one sentence that says what to do instead; exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
