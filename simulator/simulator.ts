import { type Address, parseAddress } from "../common/model/address.ts";
import type { Clock } from "../common/runtime/clock.ts";
import type { Battery, Memory } from "./battery.ts";
import { type AnswerRecord, createDevice, type Device, type RequestRecord } from "./device.ts";
import { parseFault } from "./faults/faults.ts";
import { jbdBattery } from "./jbd/battery.ts";
import type { BoardChoice } from "./jbd/board-options.ts";
import { JBD_PRESETS } from "./jbd/presets.ts";
import { LINK_LOST } from "./peripheral.ts";
import { seededRandom } from "./random.ts";
import { thornwaveBattery } from "./thornwave/battery.ts";

/** One device to simulate. */
export interface DeviceSpec {
  readonly address: Address;
  readonly kind: DeviceKind;
  /** Of a JBD pack. */
  readonly board?: BoardChoice;
}

/** `jbd4` to `jbd32` by the number of cells, or a Thornwave of either format. */
export const DEVICE_KINDS = ["jbd4", "jbd8", "jbd16", "jbd20", "jbd32", "v1", "v2"] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];

const JBD_KINDS = DEVICE_KINDS.slice(0, 5);
const THORNWAVE_KINDS = DEVICE_KINDS.slice(5);
/** Each further device of a kind is older by this, so that no two report the same values. */
const AGE_STEP_MS = 250_000;

/** Devices `A4:C1:37:00:00:01` and up with 4, 8, 16, 20, 32 cells in turn, and `C0:00:00:00:00:01` and up, v1 and v2 in turn. */
export function usualDevices(jbd: number, thornwave: number): DeviceSpec[] {
  const inTurn = (prefix: string, count: number, kinds: readonly DeviceKind[]) =>
    Array.from({ length: count }, (_, i) => {
      const kind = kinds[i % kinds.length];
      const address = parseAddress(prefix + (i + 1).toString(16).padStart(6, "0"));
      return kind && address ? [{ address, kind }] : [];
    }).flat();
  return [...inTurn("a4c137", jbd, JBD_KINDS), ...inTurn("c00000", thornwave, THORNWAVE_KINDS)];
}

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
  const devices = specs.map(({ address, kind, board }, i) => {
    const earlier = specs.slice(0, i).filter((other) => other.kind === kind).length;
    const battery = createBattery(
      kind,
      { address, seed: `${seed} ${address}`, ageMs: earlier * AGE_STEP_MS, latencyMs, board },
      clock,
    );
    return createDevice(battery, { clock, random: seededRandom(seed, address), ...log });
  });
  const byAddress = new Map(devices.map((device) => [device.address, device]));

  function named(name: string): readonly Device[] {
    if (name === "all") return devices;
    const address = parseAddress(name);
    const device = address && byAddress.get(address);
    if (!device) throw new RangeError(`no device ${name}: choose one of ${[...byAddress.keys()].join(", ")}, or all`);
    return [device];
  }

  return {
    devices,
    at: (address) => byAddress.get(address),
    set(name, fault) {
      for (const device of named(name)) {
        const { layer, forMs } = parseFault(fault, seededRandom(seed, device.address, fault));
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

type Identity = Omit<Parameters<typeof jbdBattery>[0], "preset">;

function createBattery(kind: DeviceKind, identity: Identity, clock: Clock): Battery {
  if (kind === "v1" || kind === "v2") return thornwaveBattery({ ...identity, format: kind }, clock);
  const cells = Number(kind.slice("jbd".length));
  const preset = JBD_PRESETS.get(cells);
  if (!preset) throw new RangeError(`no pack of ${cells} cells`);
  return jbdBattery({ ...identity, preset }, clock);
}
