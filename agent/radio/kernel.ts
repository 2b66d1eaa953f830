import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the kernel tells everybody about its Bluetooth, without bluetoothd. */
export interface KernelBluetooth {
  /** Names such as `hci0`; undefined where the kernel has no Bluetooth at all. */
  readonly adapters: readonly string[] | undefined;
  /** Whether this adapter is switched off by rfkill. */
  isBlocked(adapter: string): boolean;
  /** Whether the kernel has survived an oops since it started: Bluetooth that hangs then stays dead until a reboot. */
  readonly hasOopsed: boolean;
}

/** TAINT_DIE (Linux, Documentation/admin-guide/tainted-kernels.rst). */
const TAINTED_BY_OOPS = 1 << 7;

/** Reads sysfs and procfs below `root`. */
export function readKernel(root = "/"): KernelBluetooth {
  const bluetooth = join(root, "sys/class/bluetooth");
  return {
    adapters: names(bluetooth)?.filter((name) => /^hci\d+$/.test(name)),
    isBlocked: (adapter) =>
      (names(join(bluetooth, adapter)) ?? [])
        .filter((name) => name.startsWith("rfkill"))
        .some((name) => ["soft", "hard"].some((kind) => content(join(bluetooth, adapter, name, kind)) === "1")),
    hasOopsed: (Number(content(join(root, "proc/sys/kernel/tainted"))) & TAINTED_BY_OOPS) !== 0,
  };
}

function names(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

function content(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
