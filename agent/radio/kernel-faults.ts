import { RadioError } from "./radio.ts";

export function kernelWithoutBluetooth(options?: ErrorOptions): RadioError {
  return new RadioError("adapter-missing", "this kernel has no Bluetooth: load it with: modprobe bluetooth", options);
}

export function noAdapter(): RadioError {
  const remedy = "plug one in, or see that the built-in one is not disabled";
  return new RadioError("adapter-missing", `there is no Bluetooth adapter: ${remedy}`);
}

/** Nothing but a reboot brings Bluetooth back after an oops in its part of the kernel. */
export function kernelDead(options?: ErrorOptions): RadioError {
  return new RadioError("kernel-dead", "Bluetooth hangs since a fault in the kernel (see dmesg): reboot", options);
}
