import type { Chemistry, Values } from "../../../agent/drivers/jbd/settings/parameter.ts";

/** The settings in a file, and what the file says about their pack. */
export interface Profile {
  readonly pack: PackFacts;
  readonly values: Values;
}

export interface PackFacts {
  /** The operator's name for the pack. */
  readonly name?: string;
  readonly device?: string;
  readonly model?: string;
  readonly firmware?: string;
  readonly cells?: number;
  readonly chemistry?: Chemistry;
  /** Time of reading, ms since the Unix epoch. */
  readonly savedAt?: number;
}

/** A file that is not one of settings, or holds an impossible one. The message is for the operator. */
export class ProfileError extends Error {
  override readonly name = "ProfileError";
}
