import type { EventEmitter } from "node:events";
import type { Bindings, OperationFailure } from "../noble/bindings.ts";
import { addressOf } from "../noble/names.ts";
import { normaliseUuid, RadioError } from "../radio.ts";
import type { Links } from "./connections.ts";
import type { Gatt } from "./gatt.ts";
import type { Mirror } from "./object-cache.ts";
import type { Path } from "./objects.ts";

/** noble's names of one characteristic. */
type Place = readonly [id: string, service: string, characteristic: string];

interface GattGround {
  readonly emitter: EventEmitter;
  readonly mirror: Mirror;
  readonly links: Links;
  /** Runs `work` and tells its failure, which is that of `what`. */
  attempt(failure: Omit<OperationFailure, "error">, what: string, work: () => Promise<void>): void;
  /** A subscription, or a read, has succeeded. */
  settled(isSubscription: boolean): void;
}

type GattMethod = "discoverServices" | "discoverCharacteristics" | "read" | "write" | "notify";

/** What noble asks of a link that stands. */
export function gattBindings({ emitter, mirror, links, attempt, settled }: GattGround): Pick<Bindings, GattMethod> {
  /** What notifies, by the characteristic's path. */
  const notifying = new Map<Path, Place>();
  mirror.onValue((path, value) => {
    const place = notifying.get(path);
    if (!place || !links.get(place[0])) return;
    emitter.emit("read", ...place, Buffer.from(value), true);
  });

  function step(operation: OperationFailure["operation"], place: Place, work: (gatt: Gatt) => Promise<void>): void {
    const [id, service, characteristic] = place;
    const what = `${addressOf(id)}: ${operation} of ${normaliseUuid(characteristic)}`;
    attempt({ operation, id, service, characteristic }, what, async () => {
      const link = links.get(id);
      if (!link) throw new RadioError("disconnected", `${addressOf(id)}: link lost`);
      await work(link.gatt);
    });
  }

  return {
    discoverServices: (id) =>
      setImmediate(() => emitter.emit("servicesDiscover", id, links.get(id)?.gatt.services() ?? [])),
    discoverCharacteristics: (id, service) =>
      setImmediate(() =>
        emitter.emit("characteristicsDiscover", id, service, links.get(id)?.gatt.characteristics(service) ?? []),
      ),
    read: (...place) =>
      step("read", place, async (gatt) => {
        const value = await gatt.read(place[1], place[2]);
        settled(false);
        emitter.emit("read", ...place, value, false);
      }),
    write: (id, service, characteristic, data, withoutResponse) =>
      step("write", [id, service, characteristic], async (gatt) => {
        await gatt.write(service, characteristic, data, withoutResponse);
        emitter.emit("write", id, service, characteristic);
      }),
    notify: (id, service, characteristic, on) =>
      step("notify", [id, service, characteristic], async (gatt) => {
        const path = gatt.find(service, characteristic);
        if (on) notifying.set(path, [id, service, characteristic]);
        else notifying.delete(path);
        await gatt.notify(service, characteristic, on);
        settled(true);
        emitter.emit("notify", id, service, characteristic, on);
      }),
  };
}
