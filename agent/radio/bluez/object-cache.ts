import { type Clock, withDeadline } from "../../../common/runtime/clock.ts";
import type { Log } from "../../../common/runtime/log.ts";
import type { Signal } from "../dbus/bus.ts";
import { CHARACTERISTIC, DEVICE, PROPERTIES } from "./names.ts";
import { asProperties, BluezObjects, OBJECT_LIMITS, type ObjectLimits, type Path } from "./objects.ts";

/** BlueZ's objects, kept current by its signals, for code that waits for a state of them. */
export interface ObjectCache {
  readonly objects: BluezObjects;
  /** Applies one signal, from whichever connection, and calls the listeners. */
  apply(signal: Signal): void;
  /** Calls the listeners after a change that did not come as a signal. */
  notifyChange(): void;
  /** Called after every change; returns the function that ends it. */
  onChange(listener: () => void): () => void;
  /** Called with each device whose advertisement was received. */
  onAdvertised(listener: (path: Path) => void): () => void;
  /** Called with each value that a characteristic notifies. */
  onValue(listener: (path: Path, value: Uint8Array) => void): () => void;
  /**
   * Resolves once `condition` is true; it is evaluated after every change. Rejects with its error, with the error from
   * `late` after `limitMs`, or with the signal's reason.
   */
  waitFor(condition: () => boolean, limitMs: number, late: () => Error, signal?: AbortSignal): Promise<void>;
}

const LIMIT_MET: Readonly<Record<keyof ObjectLimits, string>> = {
  strangers: `more than ${OBJECT_LIMITS.strangers} devices are in range: the others are ignored until the next scan`,
  objects: `bluetoothd lists more than ${OBJECT_LIMITS.objects} objects: the others are ignored until the next scan`,
  size: `bluetoothd lists an object of more than ${OBJECT_LIMITS.size} bytes: it is ignored`,
};

export function createObjectCache(clock: Clock, log: Log): ObjectCache {
  const met = new Set<string>();
  const objects = new BluezObjects((limit) => {
    if (!met.has(limit)) log.warn(LIMIT_MET[limit]);
    met.add(limit);
  });
  const changes = listeners<[]>();
  const advertisements = listeners<[path: Path]>();
  const values = listeners<[path: Path, value: Uint8Array]>();

  function emitValue(path: Path, properties: unknown) {
    const { Value: value } = asProperties(properties);
    if (value instanceof Uint8Array) values.call(path, value);
  }

  function emitAdvertised(path: Path, properties: unknown) {
    const { RSSI, ManufacturerData } = asProperties(properties);
    if (RSSI !== undefined || ManufacturerData !== undefined) advertisements.call(path);
  }

  return {
    objects,
    notifyChange: changes.call,
    apply({ path, interface: from, member, body: [first, second, third] }) {
      if (from === PROPERTIES && first === CHARACTERISTIC) return emitValue(path, second);
      if (from === PROPERTIES) objects.change(path, first, second, third);
      else if (member === "InterfacesRemoved") objects.remove(first, second);
      else if (member === "InterfacesAdded") objects.add(first, second);
      else return;
      changes.call();
      if (first === DEVICE) emitAdvertised(path, second);
      if (member === "InterfacesAdded") emitAdvertised(String(first), asProperties(second)[DEVICE]);
    },
    onChange: changes.add,
    onAdvertised: advertisements.add,
    onValue: values.add,
    async waitFor(condition, limitMs, late, signal) {
      let check = () => {};
      let onAbort = () => {};
      const satisfied = new Promise<void>((resolve, reject) => {
        check = () => {
          try {
            if (condition()) resolve();
          } catch (error) {
            reject(error);
          }
        };
        onAbort = () => reject(signal?.reason);
      });
      const remove = changes.add(check);
      signal?.addEventListener("abort", onAbort, { once: true });
      if (signal?.aborted) onAbort();
      else check();
      try {
        await withDeadline(clock, limitMs, satisfied, late);
      } finally {
        remove();
        signal?.removeEventListener("abort", onAbort);
      }
    },
  };
}

function listeners<Values extends unknown[]>() {
  const added = new Set<(...values: Values) => void>();
  return {
    call: (...values: Values) => {
      for (const listener of [...added]) listener(...values);
    },
    add(listener: (...values: Values) => void): () => void {
      added.add(listener);
      return () => void added.delete(listener);
    },
  };
}
