import type { KernelBluetooth } from "../kernel.ts";
import type { RadioError } from "../radio.ts";
import { adapterFault, chooseAdapter } from "./adapter.ts";
import type { Daemon } from "./client.ts";
import type { Mirror } from "./object-cache.ts";
import type { AdapterObject } from "./objects.ts";

/** The adapter in use, through all its comings and goings. */
export interface AdapterState {
  /** The adapter while it can be used. */
  readonly current: AdapterObject | undefined;
  /** Why it cannot be used, and what to do; undefined when it can, or while that is not known yet. */
  fault(): RadioError | undefined;
}

export interface AdapterChoice {
  readonly busAddress: string;
  /** `hci0`, or an address; any adapter where absent. */
  readonly wanted: string | undefined;
  readonly kernel: () => KernelBluetooth;
}

/** Calls `changed` whenever the adapter becomes usable or unusable, or is another one; for the first time when it is known. */
export function followAdapter(
  choice: AdapterChoice,
  daemon: Daemon,
  mirror: Mirror,
  changed: (usable: AdapterObject | undefined) => void,
): AdapterState {
  let chosen: AdapterObject | undefined;
  let current: AdapterObject | undefined;
  let isKnown = false;

  function look() {
    chosen = daemon.missing ? undefined : chooseAdapter(mirror.objects.adapters(), choice.wanted, chosen?.path);
    const usable = chosen?.powered ? chosen : undefined;
    const isSame = usable?.path === current?.path && usable?.address === current?.address;
    current = usable;
    if (isKnown && !isSame) changed(usable);
  }
  mirror.onChange(look);
  void daemon.tried.then(() => {
    isKnown = true;
    changed(current);
  });

  return {
    get current() {
      return current;
    },
    fault() {
      if (!isKnown) return undefined;
      const adapters = mirror.objects.adapters();
      return adapterFault({ ...choice, missing: daemon.missing, adapters, chosen, kernel: choice.kernel() });
    },
  };
}
