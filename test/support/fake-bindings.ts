import { EventEmitter } from "node:events";
import type { Bindings, OperationFailure } from "../../agent/radio/noble/bindings.ts";
import type { RadioError } from "../../agent/radio/radio.ts";

/** Events that noble can be waiting for. */
export const STEPS = [
  "scan",
  "connect",
  "discover",
  "characteristics",
  "read",
  "write",
  "notify",
  "disconnect",
] as const;
export type FakeStep = (typeof STEPS)[number];

export const FAKE_ID = "a4c137000001";
export const FAKE_ADDRESS = "A4:C1:37:00:00:01";

/** Bindings with one device, `ff00` with the characteristics `ff01` and `ff02`, in which any step can be made to hang. */
export interface FakeBindings extends Bindings {
  /** These are not answered. */
  readonly hanging: Set<FakeStep>;
  /** These fail with an error of the bindings. */
  readonly failing: Map<FakeStep, RadioError>;
  /** Calls to the bindings, in order. */
  readonly asked: string[];
  /** Returned by `recall` and `fault` would. */
  recalls: boolean;
  trouble: RadioError | undefined;
  isClosed: boolean;
  power(state: string): void;
  advertise(): void;
  drop(reason?: number): void;
  connected(error?: unknown): void;
  notify(id: string, service: string, characteristic: string, on: boolean): void;
  notified(...bytes: number[]): void;
}

const FAILURE_NAMES: Readonly<Record<Exclude<FakeStep, "disconnect">, OperationFailure["operation"]>> = {
  scan: "scan",
  connect: "connect",
  discover: "discover",
  characteristics: "discover",
  read: "read",
  write: "write",
  notify: "notify",
};

export function createFakeBindings(): FakeBindings {
  const emitter = new EventEmitter();
  const hanging = new Set<FakeStep>();
  const failing = new Map<FakeStep, RadioError>();
  const asked: string[] = [];

  /** Answers a step, as bindings do: later, unless it hangs or fails. */
  function step(name: FakeStep, answer: () => void, where: object = {}): void {
    asked.push(name);
    if (hanging.has(name)) return;
    const error = failing.get(name);
    process.nextTick(() => {
      if (error && name !== "disconnect") {
        emitter.emit("operationFailed", { operation: FAILURE_NAMES[name], ...where, error });
      } else answer();
    });
  }

  const bindings = Object.assign(emitter, {
    hanging,
    failing,
    asked,
    recalls: false,
    trouble: undefined as RadioError | undefined,
    isClosed: false,
    power: (state: string) => emitter.emit("stateChange", state),
    advertise: () => {
      const advertisement = {
        localName: "fake",
        serviceUuids: ["ff00"],
        manufacturerData: Buffer.from([0xa4, 0xc1, 1, 2]),
      };
      emitter.emit("discover", FAKE_ID, FAKE_ADDRESS.toLowerCase(), "public", true, advertisement, -60);
    },
    drop: (reason = 8) => emitter.emit("disconnect", FAKE_ID, reason),
    connected: (error?: unknown) => emitter.emit("connect", FAKE_ID, error ?? null),
    notified: (...bytes: number[]) => emitter.emit("read", FAKE_ID, "ff00", "ff01", Buffer.from(bytes), true),
    init: () => process.nextTick(() => emitter.emit("stateChange", "poweredOn")),
    startScanning: () =>
      step("scan", () => {
        emitter.emit("scanStart", false);
        bindings.advertise();
      }),
    stopScanning: () => process.nextTick(() => emitter.emit("scanStop")),
    connect: (id: string) => step("connect", () => bindings.connected(), { id }),
    cancelConnect: () => asked.push("cancel"),
    disconnect: () => step("disconnect", () => bindings.drop(22)),
    discoverServices: (id: string) => step("discover", () => emitter.emit("servicesDiscover", id, ["ff00"]), { id }),
    discoverCharacteristics: (id: string, service: string) =>
      step(
        "characteristics",
        () => {
          const found = ["ff01", "ff02"].map((uuid) => ({ uuid, properties: ["read", "write", "notify"] }));
          emitter.emit("characteristicsDiscover", id, service, found);
        },
        { id },
      ),
    read: (id: string, service: string, characteristic: string) =>
      step("read", () => emitter.emit("read", id, service, characteristic, Buffer.from([1, 2, 3]), false), {
        id,
        service,
        characteristic,
      }),
    write: (id: string, service: string, characteristic: string) =>
      step("write", () => emitter.emit("write", id, service, characteristic), { id, service, characteristic }),
    notify: (id: string, service: string, characteristic: string, on: boolean) =>
      step("notify", () => emitter.emit("notify", id, service, characteristic, on), { id, service, characteristic }),
    recall: () => {
      if (!bindings.recalls) return undefined;
      bindings.advertise();
      return FAKE_ID;
    },
    fault: () => bindings.trouble,
    close: async () => {
      bindings.isClosed = true;
    },
  });
  return bindings;
}
