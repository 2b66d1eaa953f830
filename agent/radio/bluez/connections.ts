import { RadioError } from "../radio.ts";
import type { AdapterUse, KeepTimes } from "../sharing/adapter-lease.ts";
import { connectDevice, disconnectDevice, type Ground } from "./connect.ts";
import { type Gatt, gattOf } from "./gatt.ts";
import type { Path } from "./objects.ts";

/** A link that stands, by noble's id of the device. */
export interface BluezLink {
  readonly id: string;
  readonly path: Path;
  readonly gatt: Gatt;
}

/** The links of this process. What BlueZ says of other processes' links is not in here. */
export interface Links {
  get(id: string): BluezLink | undefined;
  /** Connects in the adapter's turn, which is then kept. @throws {RadioError} {BusError} {Cancelled} */
  connect(id: string, path: Path, use: AdapterUse, keep: KeepTimes): Promise<BluezLink>;
  /** Takes a pending connect back, which then rejects with a Cancelled. */
  cancel(id: string): void;
  /** Frees the device, after which `lost` is called; tells whether it was linked. */
  disconnect(id: string): Promise<boolean>;
  /** Frees all devices. Never throws. */
  close(): Promise<void>;
}

export interface LinkEvents {
  /** In the adapter's turn, before a connection is attempted. */
  attempting(path: Path): Promise<void>;
  /** Once for each link that ends, by whomever. */
  lost(link: BluezLink): void;
}

export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

interface Attempt {
  readonly cancel: AbortController;
  readonly outcome: Promise<BluezLink>;
}

export function createLinks(ground: Ground, { attempting, lost }: LinkEvents): Links {
  const { daemon, mirror } = ground;
  const links = new Map<string, BluezLink>();
  const attempts = new Map<string, Attempt>();

  function lose(link: BluezLink) {
    if (links.get(link.id) !== link) return;
    links.delete(link.id);
    lost(link);
  }
  mirror.onChange(() => {
    for (const link of links.values()) if (!mirror.objects.device(link.path)?.connected) lose(link);
  });

  async function attempt(id: string, path: Path, adapter: AdapterUse, keep: KeepTimes, cancel: AbortSignal) {
    // An attempt that was cancelled may still be on its way out.
    await attempts.get(id)?.outcome.catch(() => {});
    const use = await adapter.begin(cancel, 0);
    try {
      await attempting(path);
      await connectDevice(path, ground, use.over, cancel);
      use.end(keep.afterConnectMs);
    } catch (error) {
      use.end(error instanceof RadioError && error.fault === "not-found" ? keep.afterScanMs : 0);
      throw error;
    }
    const link = { id, path, gatt: gattOf(path, daemon, mirror) };
    links.set(id, link);
    return link;
  }

  async function disconnect(id: string): Promise<boolean> {
    const link = links.get(id);
    if (!link) return false;
    await disconnectDevice(link.path, ground).catch(() => {});
    lose(link);
    return true;
  }

  return {
    get: (id) => links.get(id),
    connect(id, path, use, keep) {
      const cancel = new AbortController();
      const outcome = attempt(id, path, use, keep, cancel.signal);
      const mine = { cancel, outcome };
      attempts.set(id, mine);
      const forget = () => {
        if (attempts.get(id) === mine) attempts.delete(id);
      };
      outcome.then(forget, forget);
      return outcome;
    },
    cancel: (id) => attempts.get(id)?.cancel.abort(new Cancelled("the connection is not wanted any more")),
    disconnect,
    async close() {
      const pending = [...attempts.values()];
      for (const { cancel } of pending) cancel.abort(new Cancelled("the radio closes"));
      await Promise.all(pending.map(({ outcome }) => outcome.catch(() => {})));
      await Promise.all([...links.keys()].map(disconnect));
    },
  };
}
