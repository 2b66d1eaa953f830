/** Wrong use by the operator; exit status 2. The message is one sentence with what to do instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
