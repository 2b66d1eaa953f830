import { type KernelBluetooth, kernelDead, kernelWithoutBluetooth, noAdapter } from "../kernel.ts";
import { RadioError, RESTART_BLUETOOTH } from "../radio.ts";
import type { BluezClient } from "./client.ts";
import type { ObjectCache } from "./object-cache.ts";
import type { AdapterObject } from "./objects.ts";

/** The adapter in use, which may be unplugged, switched off, or replaced by another at any time. */
export interface Adapter {
  /** The adapter while it can be used. */
  readonly current: AdapterObject | undefined;
  /** The reason why it cannot be used, and the remedy; undefined while it can, or while that is not known yet. */
  fault(): RadioError | undefined;
}

export interface AdapterChoice {
  readonly busAddress: string;
  /** `hci0`, or an address; any adapter where absent. */
  readonly wanted: string | undefined;
}

export interface AdapterDeps {
  readonly client: BluezClient;
  readonly cache: ObjectCache;
  readonly kernel: () => KernelBluetooth;
}

/**
 * Calls `changed` whenever the adapter becomes usable or unusable or is another one; for the first time as soon as the
 * state is known.
 */
export function watchAdapter(
  choice: AdapterChoice,
  { client, cache, kernel }: AdapterDeps,
  changed: (usable: AdapterObject | undefined) => void,
): Adapter {
  let chosen: AdapterObject | undefined;
  let current: AdapterObject | undefined;
  let isKnown = false;

  function choose() {
    chosen = client.missing ? undefined : chooseAdapter(cache.objects.adapters(), choice.wanted, chosen?.path);
    const usable = chosen?.powered ? chosen : undefined;
    const isSame = usable?.path === current?.path && usable?.address === current?.address;
    current = usable;
    if (isKnown && !isSame) changed(usable);
  }
  cache.onChange(choose);
  void client.known.then(() => {
    isKnown = true;
    changed(current);
  });

  return {
    get current() {
      return current;
    },
    fault() {
      if (!isKnown) return undefined;
      const adapters = cache.objects.adapters();
      return adapterFault({ ...choice, missing: client.missing, adapters, chosen, kernel: kernel() });
    },
  };
}

/**
 * Finds the wanted adapter by the kernel's name or by address, wherever it is plugged in now. Where none is wanted: the
 * one in use so far, else the first that is on, else the first.
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
  /** The part that is away; undefined while bluetoothd answers. */
  readonly missing: "bus" | "bluetoothd" | undefined;
  readonly busAddress: string;
  readonly adapters: readonly AdapterObject[];
  readonly chosen: AdapterObject | undefined;
  readonly wanted: string | undefined;
  readonly kernel: KernelBluetooth;
}

/** The reason why the adapter cannot be used, and the remedy; undefined when it can. */
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
