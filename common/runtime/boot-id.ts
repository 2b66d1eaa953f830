import { readFileSync } from "node:fs";

/** Hidden from a service with `ProcSubset=pid`. */
const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/**
 * Identity of the present boot: 32 hexadecimal digits, from the environment, where the systemd unit sets it, or from the
 * kernel. Undefined where neither is readable.
 */
export function bootId(env: { readonly BMS_BOOT_ID?: string | undefined }, path = BOOT_ID): string | undefined {
  const text = env.BMS_BOOT_ID ?? readIfPresent(path) ?? "";
  const digits = text.trim().replaceAll("-", "").toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? digits : undefined;
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
