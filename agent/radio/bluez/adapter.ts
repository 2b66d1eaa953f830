import type { KernelBluetooth } from "../kernel.ts";
import { kernelDead, kernelWithoutBluetooth, noAdapter } from "../kernel-faults.ts";
import { RadioError, RESTART_BLUETOOTH } from "../radio.ts";
import type { AdapterObject } from "./objects.ts";

/**
 * The adapter that was asked for by the kernel's name or by address, wherever it is plugged in now. Where none was
 * asked for: the one in use so far, else the first that is on, else the first.
 */
export function chooseAdapter(
  adapters: readonly AdapterObject[],
  wanted: string | undefined,
  current: string | undefined,
): AdapterObject | undefined {
  if (wanted) return adapters.find(({ name, address }) => name === wanted || address === wanted.toUpperCase());
  return (
    adapters.find(({ path, powered }) => path === current && powered) ??
    adapters.find(({ powered }) => powered) ??
    adapters[0]
  );
}

export interface AdapterSituation {
  /** What is away; undefined while bluetoothd answers. */
  readonly missing: "bus" | "bluetoothd" | undefined;
  readonly busAddress: string;
  readonly adapters: readonly AdapterObject[];
  readonly chosen: AdapterObject | undefined;
  readonly wanted: string | undefined;
  readonly kernel: KernelBluetooth;
}

/** Why the adapter cannot be used, and what to do about it; undefined when it can. */
export function adapterFault(situation: AdapterSituation): RadioError | undefined {
  const { missing, busAddress, chosen, kernel } = situation;
  if (missing === "bus") {
    const remedy = "install it (apt install dbus) or start it (systemctl start dbus)";
    return new RadioError("daemon-gone", `no message bus answers at ${busAddress}: ${remedy}`);
  }
  if (missing === "bluetoothd") {
    const remedy = "install it (apt install bluez) or start it (systemctl start bluetooth)";
    return new RadioError("daemon-gone", `bluetoothd does not answer on the message bus: ${remedy}`);
  }
  if (!chosen) return absentAdapter(situation);
  if (chosen.powered) return undefined;
  const remedy = kernel.isBlocked(chosen.name)
    ? "it is blocked, so release it with: rfkill unblock bluetooth"
    : "switch it on with: bluetoothctl power on (AutoEnable=true in /etc/bluetooth/main.conf keeps it on)";
  return new RadioError("adapter-off", `the Bluetooth adapter ${chosen.name} is off: ${remedy}`);
}

function absentAdapter({ adapters, wanted, kernel }: AdapterSituation): RadioError {
  const missing = (message: string) => new RadioError("adapter-missing", message);
  if (wanted && adapters.length > 0) {
    const present = adapters.map(({ name, address }) => `${name} (${address})`).join(", ");
    return missing(`there is no Bluetooth adapter ${wanted}: choose with --adapter from ${present}`);
  }
  if (!kernel.adapters) return kernelWithoutBluetooth();
  const [unused] = kernel.adapters;
  if (!unused) return noAdapter();
  if (kernel.hasOopsed) return kernelDead();
  return missing(`bluetoothd has not taken the adapter ${unused}: restart it with: ${RESTART_BLUETOOTH}`);
}
