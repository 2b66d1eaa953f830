import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RadioError } from "./radio.ts";

/** Bluetooth as the kernel reports it in sysfs and procfs, readable by every user and without bluetoothd. */
export interface KernelBluetooth {
  /** Names such as `hci0`; undefined where the kernel has no Bluetooth at all. */
  readonly adapters: readonly string[] | undefined;
  /** True while rfkill switches this adapter off. */
  isBlocked(adapter: string): boolean;
  /** True once the kernel has survived an oops: Bluetooth that hangs then stays dead until a reboot. */
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

export function kernelWithoutBluetooth(options?: ErrorOptions): RadioError {
  return new RadioError("adapter-missing", "this kernel has no Bluetooth: load it with: modprobe bluetooth", options);
}

export function noAdapter(): RadioError {
  const remedy = "plug one in, or see that the built-in one is not disabled";
  return new RadioError("adapter-missing", `there is no Bluetooth adapter: ${remedy}`);
}

/** After an oops in the kernel's Bluetooth only a reboot brings it back. */
export function kernelDead(options?: ErrorOptions): RadioError {
  return new RadioError("kernel-dead", "Bluetooth hangs since a fault in the kernel (see dmesg): reboot", options);
}
