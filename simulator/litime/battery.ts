import { writeLayout } from "../../agent/codec/layout.ts";
import { decodeRequest, encodeAnswer } from "../../agent/drivers/litime/frame.ts";
import { READ_STATUS, READ_VERSION } from "../../agent/drivers/litime/litime.ts";
import {
  CELLS,
  HARDWARE_AT,
  PROTECTIONS,
  STATUS,
  STATUS_SIZE,
  VERSION,
  VERSION_SIZE,
} from "../../agent/drivers/litime/record.ts";
import { type Address, addressBytes } from "../../common/model/address.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Answer, Battery } from "../battery.ts";
import { balanceSample, cellsSample, raisedSample, wattsOf } from "../expected-sample.ts";
import { numbered, overlay } from "../overlay.ts";
import { balancedCells, simulatePack, wordOf } from "../pack.ts";
import type { GattService } from "../peripheral.ts";
import { createProtections } from "../protections.ts";
import { rounded } from "../random.ts";

const SERVICES: readonly GattService[] = [
  {
    uuid: "ffe0",
    characteristics: [
      { uuid: "ffe1", properties: ["notify", "write"] },
      { uuid: "ffe2", properties: ["write", "writeWithoutResponse"] },
      { uuid: "ffe3", properties: ["notify", "write"] },
    ],
  },
];
const COMPANY = 0x585a;
const LATENCY_MS = 150;
const MTU = 23;

/** Nominal, by the number of cells. */
const VOLTS: Readonly<Record<number, number>> = { 4: 12, 8: 24, 16: 51 };

const NAMES = PROTECTIONS.filter((name) => name !== null);
/** As the terminals fall when discharging is switched off, V. */
const TERMINALS_OFF = 2.731;

export interface LitimeIdentity {
  readonly address: Address;
  readonly cells: number;
  readonly seed: string;
  readonly ageMs: number;
  readonly latencyMs: number | undefined;
}

/** A LiTime pack; its first values are near those of recorded ones. */
export function litimeBattery(identity: LitimeIdentity, clock: Clock): Battery {
  const { address, cells: count, seed, ageMs, latencyMs = LATENCY_MS } = identity;
  const full = 100.89;
  const start = {
    cells: Array.from({ length: count }, (_, i) => 3324 + ((i * 7) % 12)),
    ...{ amps: -8.074, remain: 68.89, capacity: full, temperatures: [23, 22] },
  };
  const pack = simulatePack(start, "litime", seed);
  const protections = createProtections(NAMES);
  const startedAt = clock.monotonic() - ageMs;

  function status(): { readonly bytes: Uint8Array; readonly sample: Sample } {
    const ms = clock.monotonic() - startedAt;
    const amps = rounded(protections.gated(pack.ampsAt(ms)), 1000);
    const cells = pack.cellsAt(ms, amps).map(Math.round);
    const balanced = balancedCells(cells, amps);
    const [temp1 = 0, mostemp = 0] = pack.temperaturesAt(ms).map((celsius) => Math.round(celsius ?? 0));
    const volts = cells.reduce((sum, millivolts) => sum + millivolts, 0) / 1000;
    const remain = rounded(pack.remainAt(ms), 100);
    const protect = wordOf(PROTECTIONS.map((name) => name !== null && protections.isRaised(name)));
    const reported = {
      ...{ volts, amps, temp1, mostemp, remain, full, protect, alarm: 0, health: 100 },
      volts2: protections.mayDischarge() ? volts : TERMINALS_OFF,
      state: stateOf(amps),
      percent: Math.round((100 * remain) / full),
      cycles: 3 + Math.floor(pack.cyclesAt(ms)),
      outah: 351 + Math.floor(pack.cyclesAt(ms) * full),
    };
    const balance = wordOf(balanced);
    const record = overlay(
      STATUS_SIZE - 1,
      writeLayout(STATUS, { ...reported, balance, balanced: balance, flags: 0, temp2: 0, temp3: 0, temp4: 0 }),
      writeLayout(
        CELLS,
        numbered(CELLS, (i) => cells[i] ?? 0),
      ),
    );
    return {
      bytes: encodeAnswer(READ_STATUS, record),
      sample: {
        ...reported,
        watts: wattsOf(volts, amps),
        cells: count,
        ...cellsSample(cells),
        ...balanceSample(balanced),
        ...raisedSample(NAMES, protections.isRaised),
      },
    };
  }

  /** 4: charging is not allowed. */
  function stateOf(amps: number): number {
    if (!protections.mayCharge()) return 4;
    if (amps === 0) return 0;
    return amps > 0 ? 1 : 2;
  }

  function answer(bytes: Uint8Array): Pick<Answer, "bytes" | "sample"> | undefined {
    const command = decodeRequest(bytes);
    if (command === READ_STATUS) return status();
    return command === READ_VERSION ? { bytes: versionAnswer(), sample: {} } : undefined;
  }

  const mac = addressBytes(address);
  return {
    address,
    addressType: "public",
    name: `L-${VOLTS[count] ?? 12}100BNNA70-A${address.replaceAll(":", "").slice(-5)}`,
    manufacturerData: new Map([[COMPANY, Uint8Array.from(mac)]]),
    rssi: -60 - ((mac[5] ?? 0) % 25),
    services: SERVICES,
    advertisedServices: ["ffe0"],
    mtu: MTU,
    registerOf: ({ bytes }) => decodeRequest(bytes)?.toString(16) ?? "",
    answer({ kind, characteristic, bytes }) {
      if (kind !== "write" || characteristic !== "ffe2") return undefined;
      const found = answer(bytes);
      return found && { ...found, characteristic: "ffe1", latencyMs };
    },
    setProtection: (name, on) => protections.set(name, on),
    flowAt(monotonicMs) {
      const ms = monotonicMs - startedAt;
      const amps = protections.gated(pack.ampsAt(ms));
      return { amps, volts: pack.cellsAt(ms, amps).reduce((sum, millivolts) => sum + millivolts, 0) / 1000 };
    },
  };
}

function versionAnswer(): Uint8Array {
  const record = new Uint8Array(VERSION_SIZE - 1);
  record.set(writeLayout(VERSION, { major: 1, minor: 0, patch: 0, year: 2023, month: 12, day: 20 }));
  record.set(Buffer.from("T24100-V1.1"), HARDWARE_AT);
  return encodeAnswer(READ_VERSION, record);
}
