import { writeLayout } from "../../agent/codec/layout.ts";
import { decodeReadRequest, encodeAnswer, encodeException } from "../../agent/codec/modbus.ts";
import type { Brand, RowValues } from "../../agent/drivers/modbus/brand.ts";
import { BRANDS } from "../../agent/drivers/modbus/brands/brands.ts";
import { rowsWithin } from "../../agent/drivers/modbus/decode.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Answer, Battery, Request } from "../battery.ts";
import { cellsSample } from "../expected-sample.ts";
import type { DeviceIdentity } from "../family.ts";
import { simulatePack } from "../pack.ts";
import type { GattService } from "../peripheral.ts";
import { rounded } from "../random.ts";
import { ADVERTISEMENTS } from "./advertisements.ts";
import { expectedSample, type State } from "./expected.ts";

const LATENCY_MS = 120;
const ILLEGAL_REGISTER = 2;
/** Answers arrive in pieces of 20 bytes. */
const MTU = 23;
const CAPACITY_AH = 100;
const RUNTIME_MINUTES = 630;
const START = {
  cells: [3328, 3330, 3329, 3327],
  amps: -4.2,
  remain: 72,
  capacity: CAPACITY_AH,
  temperatures: [21, 22],
};

/** A battery of 4 cells of the brand that its kind names, encoded with the table that the driver reads with. */
export function modbusBattery({ address, kind, seed, ageMs, latencyMs }: DeviceIdentity, clock: Clock): Battery {
  const brand = BRANDS.find(({ name }) => name === kind);
  const advertised = ADVERTISEMENTS[kind];
  if (!brand || !advertised) throw new RangeError(`no battery of the brand ${kind}`);
  const [unit = 1] = brand.units;
  const [port] = brand.ports;
  const notify = port?.notify.characteristic ?? "";
  const startedAt = clock.monotonic() - ageMs;
  const pack = simulatePack(START, "modbus", seed);

  function stateAt(ms: number): State {
    const amps = pack.ampsAt(ms);
    const cells = pack.cellsAt(ms, amps).map(Math.round);
    const remain = rounded(pack.remainAt(ms), 1000);
    const temperatures = pack.temperaturesAt(ms).map((celsius = 0, i) => [`temp${i + 1}`, celsius]);
    return {
      ...{ amps, volts: cells.reduce((sum, millivolts) => sum + millivolts, 0) / 1000 },
      ...{ remain, full: CAPACITY_AH, capacity: CAPACITY_AH, percent: (100 * remain) / CAPACITY_AH, health: 100 },
      ...{ cycles: 12 + Math.floor(pack.cyclesAt(ms)), runtime: RUNTIME_MINUTES, fet: 3, state: amps < 0 ? 2 : 1 },
      ...{ cells: cells.length, ...cellsSample(cells), ...Object.fromEntries(temperatures) },
      ...{ boardtemp: 24, mostemp: 25 },
    };
  }

  function answer(request: Request): Answer | undefined {
    const range = request.kind === "write" ? decodeReadRequest(request.bytes) : undefined;
    if (range?.unit !== unit) return undefined;
    const state = stateAt(clock.monotonic() - startedAt);
    const data = registersOf(brand as Brand, range, { ...state, ...auxiliaries(kind, state) });
    return {
      characteristic: notify,
      bytes: data ? encodeAnswer(unit, data) : encodeException(unit, ILLEGAL_REGISTER),
      sample: data ? expectedSample(kind, range.start, state) : {},
      latencyMs: latencyMs ?? LATENCY_MS,
    };
  }

  return {
    address,
    addressType: "public",
    ...advertised,
    rssi: -66,
    services: servicesOf(brand),
    mtu: MTU,
    registerOf: ({ bytes }) => decodeReadRequest(bytes)?.start.toString(16) ?? "",
    answer,
    setProtection(name) {
      throw new RangeError(`no protection ${name}: the names of the bits are not known`);
    },
    flowAt(monotonicMs) {
      const { volts = 0, amps = 0 } = stateAt(monotonicMs - startedAt);
      return { volts, amps };
    },
  };
}

/** Values of the registers that are no quantities, from which quantities follow. */
function auxiliaries(kind: string, { amps = 0, mostemp = 0, runtime = 0 }: State): RowValues {
  return {
    ...{ tenths: amps, hundredths: amps, magnitude: Math.abs(amps), direction: amps < 0 ? 1 : 2 },
    ...{ hours: Math.floor(runtime / 60), minutes: runtime % 60, sensors: START.temperatures.length },
    // Behind the sensors: a further temperature, and that of the MOSFETs.
    ...(kind === "vatrer" && { temp3: 23, temp4: mostemp }),
  };
}

/** The data of registers; undefined where the brand has none there. Values without a row are left out, others are 0. */
function registersOf(brand: Brand, span: { start: number; count: number }, values: RowValues): Uint8Array | undefined {
  const rows = rowsWithin(brand, span);
  if (rows.length === 0) return undefined;
  const complete = Object.fromEntries(rows.map(({ name }) => [name, values[name] ?? 0]));
  const data = new Uint8Array(2 * span.count);
  data.set(writeLayout(rows, complete));
  return data;
}

function servicesOf({ ports: [port] }: Brand): readonly GattService[] {
  if (!port) return [];
  const { notify, write } = port;
  const written = { uuid: write.characteristic, properties: ["writeWithoutResponse"] } as const;
  const notified = { uuid: notify.characteristic, properties: ["notify"] } as const;
  if (write.characteristic === notify.characteristic) {
    return [
      { uuid: notify.service, characteristics: [{ ...notified, properties: ["notify", "writeWithoutResponse"] }] },
    ];
  }
  if (write.service === notify.service) return [{ uuid: notify.service, characteristics: [notified, written] }];
  return [
    { uuid: notify.service, characteristics: [notified] },
    { uuid: write.service, characteristics: [written] },
  ];
}
