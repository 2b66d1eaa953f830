import type { Severity } from "./rule.ts";

export const TARGET_TYPES = ["ntfy", "gotify", "home-assistant", "json"] as const;
export type TargetType = (typeof TARGET_TYPES)[number];

/** A receiver of messages. Its address and its token are secrets: logs and the page have its name. */
export interface Target {
  /** Of the configuration file, such as `phone`. */
  readonly name: string;
  readonly type: TargetType;
  readonly url: URL;
  readonly token?: string;
  /** Least severe alerts that it receives. */
  readonly severity: Severity;
}
