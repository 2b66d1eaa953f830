import { encodeAnswer, encodeLegacyRecord } from "../../agent/drivers/ant/frame.ts";
import { NEW_PROTECTIONS, PROTECTIONS } from "../../agent/drivers/ant/sample.ts";
import { encodeLegacy, encodeStatus } from "../../agent/drivers/ant/status.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Answer, Battery, Request } from "../battery.ts";
import type { DeviceIdentity } from "../family.ts";
import type { GattService } from "../peripheral.ts";
import { cellValues, type PackState, present, protectedPack } from "../protected-pack.ts";
import { rounded } from "../random.ts";

const SERIAL = "ffe1";
const SERVICES: readonly GattService[] = [
  { uuid: "ffe0", characteristics: [{ uuid: SERIAL, properties: ["writeWithoutResponse", "notify"] }] },
];
const MTU = 23;
const LATENCY_MS = 70;
const CAPACITY_AH = 200;
const STEPS = { amps: 10, remain: 1_000_000, celsius: 1 };
const ON = 1;

const OLDER = PROTECTIONS;
const NEWER = { ...PROTECTIONS, ...NEW_PROTECTIONS };
type Protections = Readonly<
  Record<string, { readonly charge: readonly number[]; readonly discharge: readonly number[] }>
>;

/** The register of a request, by its beginning. */
const REGISTERS = { "7ea101": "status", "7ea102": "info", dbdb00: "legacy" } as const;

/** An ANT board: `ant16` speaks the newer protocol, `ant14` the older one. */
export function antBattery(identity: DeviceIdentity, clock: Clock): Battery {
  const { address, kind, seed, ageMs, latencyMs = LATENCY_MS } = identity;
  const isNewer = kind === "ant16";
  const protections: Protections = isNewer ? NEWER : OLDER;
  const startedAt = clock.monotonic() - ageMs;
  const cells = Array.from({ length: isNewer ? 16 : 14 }, (_, i) => 3300 + (i % 4));
  const temperatures = isNewer ? [18, undefined, 19, 20] : [18, 19, 20, 21, undefined, undefined];
  const start = { cells, amps: -6, remain: 120, capacity: CAPACITY_AH, temperatures };
  const pack = protectedPack(start, STEPS, Object.keys(protections), "ant", seed);
  const number = Number.parseInt(address.slice(-2), 16);

  /** The code of a MOSFET: that of the latest protection that has one, else on. */
  function codeOf(mosfet: "charge" | "discharge"): number {
    const codes = pack.raised().flatMap((name) => protections[name]?.[mosfet][0] ?? []);
    return codes.at(-1) ?? ON;
  }

  function answerTo(register: string): { readonly bytes: Uint8Array; readonly sample: Sample } {
    const ms = clock.monotonic() - startedAt;
    const state = pack.stateAt(ms);
    const uptime = Math.floor(ms / 1000);
    const [charge, discharge] = [codeOf("charge"), codeOf("discharge")];
    const words = Object.fromEntries(
      Object.entries(protections).map(([name, codes]) => [
        name,
        codes.charge.includes(charge) || codes.discharge.includes(discharge) ? 1 : 0,
      ]),
    );
    const fet = (charge === ON ? 1 : 0) + (discharge === ON ? 2 : 0);
    const shared = { ...commonValues(state, isNewer ? 100 : 10), capacity: CAPACITY_AH, uptime };
    const { delta = 0 } = cellValues(state.cells);
    if (register === "info") return { bytes: information(), sample: {} };
    if (register === "legacy") {
      const bytes = encodeLegacyRecord(encodeLegacy({ ...lists(state), values: { ...shared, charge, discharge } }));
      return { bytes, sample: sampleOf(state, { ...shared, fet, ...words }) };
    }
    const head = { state: state.amps > 0 ? 2 : 3, protect: 0, protect2: 0, alarm: 0, alarm2: 0 };
    const tail = {
      ...shared,
      health: 100,
      balancing: 0,
      delta,
      mostemp: 22,
      balancetemp: 23,
      outah: 1500,
      inah: 1600.5,
    };
    const bytes = encodeAnswer("status", encodeStatus({ head, ...lists(state), tail: { ...tail, charge, discharge } }));
    const balancing = Object.fromEntries(state.cells.map((_, i) => [`c${String(i + 1).padStart(2, "0")}`, 0]));
    return { bytes, sample: sampleOf(state, { ...head, ...tail, ...balancing, fet, ...words }) };
  }

  return {
    address,
    addressType: "public",
    name: isNewer ? `ANT-BLE16ZMUB-${address.slice(-2)}` : "ANT-BLE14S",
    manufacturerData: new Map(),
    rssi: -60 - (number % 25),
    services: SERVICES,
    advertisedServices: ["ffe0"],
    mtu: MTU,
    registerOf,
    answer(request): Answer | undefined {
      const register = registerOf(request);
      if (register === "" || (register === "legacy") === isNewer) return undefined;
      return { characteristic: SERIAL, ...answerTo(register), latencyMs };
    },
    setProtection: pack.setProtection,
    flowAt: (monotonicMs) => pack.flowAt(monotonicMs - startedAt),
  };
}

function registerOf({ kind, bytes }: Request): string {
  const beginning = Buffer.from(bytes.subarray(0, 3)).toString("hex");
  if (kind !== "write" || !Object.hasOwn(REGISTERS, beginning)) return "";
  return REGISTERS[beginning as keyof typeof REGISTERS];
}

function commonValues({ cells, amps, remain, percent }: PackState, stepsPerVolt: number) {
  const volts = rounded(cells.reduce((sum, cell) => sum + cell, 0) / 1000, stepsPerVolt);
  return { volts, amps, remain, percent };
}

const lists = ({ cells, temperatures }: PackState) => ({ cells, temperatures });

function sampleOf({ cells, temperatures }: PackState, values: Readonly<Record<string, number>>): Sample {
  const { volts = 0, amps = 0 } = values;
  const watts = (Math.round(volts * 1000) * Math.round(amps * 1000)) / 1_000_000;
  const sensors = Object.fromEntries(temperatures.map((celsius, i) => [`temp${i + 1}`, celsius]));
  return present({ ...values, watts: watts || 0, ...cellValues(cells), ...sensors });
}

/** Hardware and software of a captured board (syssi/esphome-ant-bms). */
function information(): Uint8Array {
  const body = new Uint8Array(6 + 32);
  body.set(Buffer.from("16ZM"), 6);
  body.set(Buffer.from("16ZMUB00-211026A"), 6 + 16);
  return encodeAnswer("information", body);
}
