import { writeLayout } from "../../agent/codec/layout.ts";
import { decodeReadRequest, encodeAnswer, encodeException } from "../../agent/codec/modbus.ts";
import type { Brand, RowValues } from "../../agent/drivers/modbus/brand.ts";
import { BRANDS } from "../../agent/drivers/modbus/brands/brands.ts";
import { decodeRegisters, rowsWithin } from "../../agent/drivers/modbus/decode.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Answer, Battery, Request } from "../battery.ts";
import type { DeviceIdentity } from "../family.ts";
import { simulatePack } from "../pack.ts";
import type { GattService } from "../peripheral.ts";
import { ADVERTISEMENTS } from "./advertisements.ts";

const LATENCY_MS = 120;
const ILLEGAL_REGISTER = 2;
/** Answers arrive in pieces of 20 bytes. */
const MTU = 23;
const CAPACITY_AH = 100;
const START = {
  cells: [3328, 3330, 3329, 3327],
  amps: -4.2,
  remain: 72,
  capacity: CAPACITY_AH,
  temperatures: [21, 22],
};

/** A battery of 4 cells of the brand that its kind names, with the table that the driver reads with. */
export function modbusBattery({ address, kind, seed, ageMs, latencyMs }: DeviceIdentity, clock: Clock): Battery {
  const brand = BRANDS.find(({ name }) => name === kind);
  const advertised = ADVERTISEMENTS[kind];
  if (!brand || !advertised) throw new RangeError(`no battery of the brand ${kind}`);
  const [unit = 1] = brand.units;
  const [port] = brand.ports;
  const notify = port?.notify.characteristic ?? "";
  const startedAt = clock.monotonic() - ageMs;
  const pack = simulatePack(START, "modbus", seed);

  function valuesAt(ms: number): RowValues {
    const amps = pack.ampsAt(ms);
    const cells = pack.cellsAt(ms, amps);
    const remain = pack.remainAt(ms);
    return {
      amps,
      volts: cells.reduce((sum, millivolts) => sum + millivolts, 0) / 1000,
      ...{ tenths: amps, hundredths: amps, magnitude: Math.abs(amps), direction: amps < 0 ? 1 : 2 },
      ...{ remain, full: CAPACITY_AH, capacity: CAPACITY_AH, percent: Math.round(remain), health: 100 },
      ...{ cycles: 12 + Math.floor(pack.cyclesAt(ms)), hours: 10, minutes: 30, fet: 3, state: amps < 0 ? 2 : 1 },
      cells: cells.length,
      ...Object.fromEntries(cells.map((millivolts, i) => [`cell${i + 1}`, millivolts])),
      ...{ cellmin: Math.min(...cells), cellmax: Math.max(...cells), delta: Math.max(...cells) - Math.min(...cells) },
      sensors: START.temperatures.length,
      ...Object.fromEntries(pack.temperaturesAt(ms).map((celsius, i) => [`temp${i + 1}`, celsius])),
      ...{ boardtemp: 24, mostemp: 25 },
    };
  }

  function answer(request: Request): Answer | undefined {
    const range = request.kind === "write" ? decodeReadRequest(request.bytes) : undefined;
    if (range?.unit !== unit) return undefined;
    const data = registersOf(brand as Brand, range, valuesAt(clock.monotonic() - startedAt));
    return {
      characteristic: notify,
      bytes: data ? encodeAnswer(unit, data) : encodeException(unit, ILLEGAL_REGISTER),
      sample: data ? decodeRegisters(brand as Brand, range.start, data) : {},
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
      const { volts = 0, amps = 0 } = valuesAt(monotonicMs - startedAt);
      return { volts, amps };
    },
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
