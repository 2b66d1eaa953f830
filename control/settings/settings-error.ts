/** A change that was refused, or that failed. The message is for the operator. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}
