import type { Signal } from "../dbus/bus.ts";
import { CHARACTERISTIC, DEVICE, PROPERTIES } from "./names.ts";
import { asProperties, BluezObjects, type Path } from "./objects.ts";

/** BlueZ's objects, kept current by its signals, for code that waits until something is so. */
export interface Mirror {
  readonly objects: BluezObjects;
  /** Applies one signal, on whichever connection it came, and tells the listeners. */
  take(signal: Signal): void;
  /** Tells the listeners after a change that was not a signal's. */
  changed(): void;
  /** Called after every change; returns what ends it. */
  onChange(listener: () => void): () => void;
  /** Called with each device of which an advertisement was heard. */
  onHeard(listener: (path: Path) => void): void;
  /** Called with each value that a characteristic tells. */
  onValue(listener: (path: Path, value: Uint8Array) => void): void;
  /**
   * Resolves once `isSo`, asked at every change. Rejects with what that throws, with what `late` makes when `limitMs`
   * have passed, or with the signal's reason.
   */
  until(isSo: () => boolean, limitMs: number, late: () => Error, signal?: AbortSignal): Promise<void>;
}

export function createMirror(): Mirror {
  const objects = new BluezObjects();
  const changeListeners = new Set<() => void>();
  const heardListeners = new Set<(path: Path) => void>();
  const valueListeners = new Set<(path: Path, value: Uint8Array) => void>();

  function changed() {
    for (const listener of [...changeListeners]) listener();
  }

  function tellValue(path: Path, properties: unknown) {
    const { Value: value } = asProperties(properties);
    if (value instanceof Uint8Array) for (const listener of valueListeners) listener(path, value);
  }

  function tellHeard(path: Path, properties: unknown) {
    const { RSSI, ManufacturerData } = asProperties(properties);
    if (RSSI === undefined && ManufacturerData === undefined) return;
    for (const listener of heardListeners) listener(path);
  }

  return {
    objects,
    changed,
    take({ path, interface: from, member, body: [first, second, third] }) {
      if (from === PROPERTIES && first === CHARACTERISTIC) return tellValue(path, second);
      if (from === PROPERTIES) objects.change(path, first, second, third);
      else if (member === "InterfacesRemoved") objects.remove(first, second);
      else if (member === "InterfacesAdded") objects.add(first, second);
      else return;
      changed();
      if (first === DEVICE) tellHeard(path, second);
      if (member === "InterfacesAdded") tellHeard(String(first), asProperties(second)[DEVICE]);
    },
    onChange(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    onHeard(listener) {
      heardListeners.add(listener);
    },
    onValue(listener) {
      valueListeners.add(listener);
    },
    until(isSo, limitMs, late, signal) {
      return new Promise((resolve, reject) => {
        const settle = (how: () => void) => {
          clearTimeout(timer);
          changeListeners.delete(check);
          signal?.removeEventListener("abort", onAbort);
          how();
        };
        const onAbort = () => settle(() => reject(signal?.reason));
        const check = () => {
          try {
            if (isSo()) settle(resolve);
          } catch (error) {
            settle(() => reject(error));
          }
        };
        const timer = setTimeout(() => settle(() => reject(late())), limitMs);
        changeListeners.add(check);
        signal?.addEventListener("abort", onAbort, { once: true });
        if (signal?.aborted) onAbort();
        else check();
      });
    },
  };
}
