import type { EventEmitter } from "node:events";
import type { Characteristic as NobleCharacteristic, Peripheral, Service } from "@abandonware/noble";
import type { Clock } from "../../../common/runtime/clock.ts";
import { createNotificationQueue } from "../notification-queue.ts";
import { type Characteristic, type Link, normaliseUuid, RadioError } from "../radio.ts";
import { latestAdvertisement } from "./advertisements.ts";
import type { Bindings, OperationFailure } from "./bindings.ts";
import type { DisconnectWatch } from "./disconnect-watch.ts";
import { addressOf } from "./names.ts";
import { operate } from "./operation.ts";

export interface LinkTimeouts {
  /** Each step of discovering services and characteristics. */
  readonly discoverMs: number;
  /** A read, a write or a subscription. */
  readonly operationMs: number;
  readonly pairMs: number;
}

/** One step on a link: a call of noble, and the event that answers it. */
interface Step<T> {
  /** For errors. */
  readonly name: string;
  readonly operation: OperationFailure["operation"];
  readonly emitter: EventEmitter;
  readonly event: string;
  start(): void;
  accept(...values: unknown[]): T | undefined;
  readonly found?: Found;
}

/** A characteristic with its service, which noble's class does not publish. */
interface Found {
  readonly service: Service;
  readonly characteristic: NobleCharacteristic;
}

export interface LinkDeps {
  readonly bindings: Bindings;
  readonly clock: Clock;
  readonly timeouts: LinkTimeouts;
}

/**
 * The link over a connected peripheral, once its services and characteristics are discovered.
 * @throws {RadioError} or the ender's reason
 */
export async function openLink(
  peripheral: Peripheral,
  watch: DisconnectWatch,
  ender: AbortSignal,
  { bindings, clock, timeouts }: LinkDeps,
): Promise<Link> {
  const address = addressOf(peripheral.id);
  const { lost } = watch;

  function run<T>(step: Step<T>, deadlineMs: number, until: AbortSignal): Promise<T> {
    const hung = `${address}: ${step.name} took more than ${deadlineMs / 1000} s; connecting again`;
    return operate(bindings, clock, {
      ...step,
      isOwn: ({ id, operation, service, characteristic }) =>
        id === peripheral.id &&
        operation === step.operation &&
        (characteristic === undefined || characteristic === step.found?.characteristic.uuid) &&
        (service === undefined || step.found === undefined || service === step.found.service.uuid),
      deadlineMs,
      late: () => new RadioError("timeout", hung),
      ender: until,
    });
  }

  const discovered = <T>(name: string, emitter: EventEmitter, event: string, start: () => void) =>
    run<T>(
      { name, operation: "discover", emitter, event, start, accept: (found) => found as T },
      timeouts.discoverMs,
      ender,
    );

  const services = await discovered<Service[]>("finding its services", peripheral, "servicesDiscover", () =>
    peripheral.discoverServices([]),
  );
  const characteristics = new Map<string, Found>();
  for (const service of services) {
    const name = `finding the characteristics of ${normaliseUuid(service.uuid)}`;
    const found = await discovered<NobleCharacteristic[]>(name, service, "characteristicsDiscover", () =>
      service.discoverCharacteristics([]),
    );
    for (const characteristic of found) {
      const at = { service: normaliseUuid(service.uuid), characteristic: normaliseUuid(characteristic.uuid) };
      characteristics.set(keyOf(at), { service, characteristic });
    }
  }

  /** A step on one characteristic. @throws {RadioError} unsupported, where the device has no such characteristic */
  async function on<T>(
    at: Characteristic,
    name: string,
    step: (characteristic: NobleCharacteristic) => Pick<Step<T>, "operation" | "event" | "start" | "accept">,
  ): Promise<T> {
    lost.throwIfAborted();
    const found = known(at);
    const whole = {
      name: `${name} ${at.characteristic}`,
      emitter: found.characteristic,
      found,
      ...step(found.characteristic),
    };
    return run<T>(whole, timeouts.operationMs, lost);
  }

  function known(at: Characteristic): Found {
    const found = characteristics.get(keyOf(at));
    if (found) return found;
    const has = [...characteristics.keys()].join(", ") || "none";
    throw new RadioError("unsupported", `${address} has no characteristic ${keyOf(at)} (it has: ${has})`);
  }

  async function pair(): Promise<void> {
    await run<true>(
      {
        name: "pairing",
        operation: "pair",
        emitter: bindings,
        event: "pair",
        start: () => bindings.pair?.(peripheral.id),
        accept: (id) => id === peripheral.id || undefined,
      },
      timeouts.pairMs,
      lost,
    );
  }

  return {
    address,
    addressType: peripheral.addressType === "public" ? "public" : "random",
    services: services.map(({ uuid }) => normaliseUuid(uuid)),
    get advertisement() {
      return latestAdvertisement(bindings, peripheral);
    },
    get rssi() {
      return latestAdvertisement(bindings, peripheral)?.rssi;
    },
    lost,
    read: (at) =>
      on<Uint8Array>(at, "reading", (characteristic) => ({
        operation: "read",
        event: "read",
        start: () => characteristic.read(),
        accept: (data, isNotification) => (isNotification ? undefined : Uint8Array.from(data as Buffer)),
      })),
    write: async (at, bytes, mode) => {
      await on<true>(at, "writing", (characteristic) => ({
        operation: "write",
        event: "write",
        start: () => characteristic.write(Buffer.from(bytes), mode === "command"),
        accept: () => true,
      }));
    },
    subscribe: async (at) => {
      const queue = createNotificationQueue(clock);
      const { characteristic } = known(at);
      const onData = (data: Buffer, isNotification: boolean) => {
        if (isNotification) queue.push(Uint8Array.from(data));
      };
      // Before the request: the first notification may overtake the confirmation.
      characteristic.on("data", onData);
      try {
        await on<true>(at, "subscribing to", () => ({
          operation: "notify",
          event: "notify",
          start: () => characteristic.subscribe(),
          accept: () => true,
        }));
      } catch (error) {
        characteristic.removeListener("data", onData);
        throw error;
      }
      lost.addEventListener("abort", () => queue.end(lost.reason), { once: true });
      if (lost.aborted) queue.end(lost.reason);
      return queue;
    },
    ...(bindings.canPair?.(peripheral.id) && { pair }),
    close: () => watch.close(),
  };
}

/** Also the name of the characteristic in errors. */
function keyOf({ service, characteristic }: Characteristic): string {
  return `${normaliseUuid(service)}/${normaliseUuid(characteristic)}`;
}
