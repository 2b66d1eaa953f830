import { type Address, parseAddress } from "../common/model/address.ts";
import type { Clock } from "../common/runtime/clock.ts";
import type { Memory } from "./battery.ts";
import { type AnswerRecord, createDevice, type Device, type RequestRecord } from "./device.ts";
import { faultsOf, hasFault, parseFault } from "./faults/faults.ts";
import { LINK_LOST } from "./peripheral.ts";
import { seededRandom } from "./random.ts";
import { type DeviceSpec, familyOf } from "./registry.ts";

/** Each further device of a kind is older by this, so that no two report the same values. */
const AGE_STEP_MS = 250_000;

export interface SimulatorOptions {
  readonly clock: Clock;
  readonly seed: string;
  /** One latency for every answer, ms; the captured latencies where it is absent. */
  readonly latencyMs?: number | undefined;
  readonly devices: readonly DeviceSpec[];
  onAnswer(answer: AnswerRecord): void;
  onRequest?(request: RequestRecord): void;
}

/** Simulated devices and their faults. A device is named by its address, or by `all`. */
export interface Simulator {
  readonly devices: readonly Device[];
  at(address: Address): Device | undefined;
  /** Adds a fault to devices. @throws {RangeError} with a message for people */
  set(device: string, fault: string): void;
  /** Removes the faults of this name, or all. @throws {RangeError} */
  clear(device: string, fault?: string): void;
  /** Ends the links of devices with an HCI reason. @throws {RangeError} */
  drop(device: string, reason: number): void;
  /** Raises or ends a protection, named as its quantity. @throws {RangeError} */
  alarm(device: string, protection: string, on: boolean): void;
  /** Takes the power of devices away and gives it back; their links are lost. @throws {RangeError} */
  cutPower(device: string): void;
  /** Parameters of devices that have some, by address. @throws {RangeError} */
  memory(device: string): ReadonlyMap<Address, Memory>;
}

export function createSimulator({ clock, seed, latencyMs, devices: specs, ...log }: SimulatorOptions): Simulator {
  const devices = specs.map(({ address, kind, choices = "" }, i) => {
    const earlier = specs.slice(0, i).filter((other) => other.kind === kind).length;
    const battery = familyOf(kind).create(
      { address, kind, seed: `${seed} ${address}`, ageMs: earlier * AGE_STEP_MS, latencyMs, choices },
      clock,
    );
    return createDevice(battery, { clock, random: seededRandom(seed, address), ...log });
  });
  const faultsByAddress = new Map(specs.map(({ address, kind }) => [address, faultsOf(familyOf(kind))]));
  const byAddress = new Map(devices.map((device) => [device.address, device]));

  function named(name: string): readonly Device[] {
    if (name === "all") return devices;
    const address = parseAddress(name);
    const device = address && byAddress.get(address);
    if (!device) throw new RangeError(`no device ${name}: choose one of ${[...byAddress.keys()].join(", ")}, or all`);
    return [device];
  }

  /** The named devices and their kinds of faults; of `all` only those that can have this fault, unless none can. */
  function concerned(name: string, fault: string) {
    const found = named(name).map((device) => ({ device, kinds: faultsByAddress.get(device.address) ?? {} }));
    const able = found.filter(({ kinds }) => hasFault(fault, kinds));
    return name === "all" && able.length > 0 ? able : found;
  }

  return {
    devices,
    at: (address) => byAddress.get(address),
    set(name, fault) {
      for (const { device, kinds } of concerned(name, fault)) {
        const { layer, forMs } = parseFault(fault, kinds, seededRandom(seed, device.address, fault));
        device.add(layer);
        if (forMs > 0) void clock.sleep(forMs).then(() => device.remove(layer));
      }
    },
    clear(name, fault) {
      for (const device of named(name)) {
        for (const layer of device.layers()) {
          if (fault === undefined || layer.spec.split(":")[0] === fault) device.remove(layer);
        }
      }
    },
    drop(name, reason) {
      for (const device of named(name)) device.drop(reason);
    },
    alarm(name, protection, on) {
      for (const device of named(name)) device.battery.setProtection(protection, on);
    },
    cutPower(name) {
      for (const device of named(name)) {
        device.battery.losePower?.();
        device.drop(LINK_LOST);
      }
    },
    memory(name) {
      const found = named(name).map((device) => [device.address, device.battery.memory?.()] as const);
      return new Map(found.filter((entry): entry is readonly [Address, Memory] => entry[1] !== undefined));
    },
  };
}
