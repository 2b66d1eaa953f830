import { type CellLayout, encodeCells } from "../../agent/drivers/jk/cell-record.ts";
import { encodeRecord } from "../../agent/drivers/jk/frame.ts";
import { encodeInformation, encodeSettings, type InformationTexts } from "../../agent/drivers/jk/information.ts";
import { PROTECTIONS, WIDE_PROTECTIONS } from "../../agent/drivers/jk/sample.ts";
import { addressBytes } from "../../common/model/address.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Answer, Battery, Request } from "../battery.ts";
import type { DeviceIdentity } from "../family.ts";
import type { GattService } from "../peripheral.ts";
import { cellValues, type PackState, present, protectedPack } from "../protected-pack.ts";

/** Properties that distinguish the boards of different kinds. */
interface Board {
  readonly layout: CellLayout;
  readonly cells: number;
  /** °C: two sensors, that of the MOSFETs, and on newer boards two more. */
  readonly temperatures: readonly (number | undefined)[];
  readonly texts: InformationTexts;
  readonly mtu: number;
  readonly characteristics: GattService["characteristics"];
}

const SHARED = { produced: "231118", passwords: ["1234", "123456"] } as const;

const SERVICE = "ffe0";
const SERIAL = "ffe1";

/** Of newer modules two with the same UUID, of older ones one and another that is written (syssi/esphome-jk-bms). */
const NEWER = {
  mtu: 131,
  characteristics: [
    { uuid: SERIAL, properties: ["writeWithoutResponse", "write"] },
    { uuid: SERIAL, properties: ["read", "notify"] },
  ],
} as const;
const OLDER = {
  mtu: 23,
  characteristics: [
    { uuid: SERIAL, properties: ["writeWithoutResponse", "write", "notify"] },
    { uuid: "ffe2", properties: ["writeWithoutResponse", "write"] },
  ],
} as const;

/** Versions and pieces as in captures (syssi/esphome-jk-bms, patman15/aiobmsble). */
export const BOARDS = {
  jk8: {
    ...{ layout: "32s", cells: 8, temperatures: [20, 21, 25, undefined, undefined], ...NEWER },
    texts: { model: "JK_B2A8S20P", hardware: "11.XA", software: "11.48", ...SHARED },
  },
  jk16: {
    ...{ layout: "32s", cells: 16, temperatures: [20, undefined, 25, 22, 23], ...NEWER },
    texts: { model: "JK_PB2A16S15P", hardware: "14.XA", software: "14.20", ...SHARED },
  },
  jk24: {
    ...{ layout: "24s", cells: 24, temperatures: [8, 9, 12], ...OLDER },
    texts: { model: "JK-B2A24S20P", hardware: "10.XG", software: "10.07", ...SHARED },
  },
  jk04: {
    ...{ layout: "04", cells: 16, temperatures: [], ...OLDER },
    texts: { model: "JK-B2A16S", hardware: "3.0", software: "3.3.0", ...SHARED },
  },
} as const satisfies Record<string, Board>;

const COMPANY = 0x0b65;
const LATENCY_MS = 100;
const PERIOD_MS = 1_000;
const CAPACITY_AH = 280;
const STEPS = { amps: 1000, remain: 1000, celsius: 10 };

const READ_INFORMATION = 0x97;
const START_STREAM = 0x96;
const commandOf = ({ kind, bytes }: Request) => (kind === "write" && bytes[0] === 0xaa ? bytes[4] : undefined);

/** A JK board: it answers, and once it was started it pushes its cells each second. */
export function jkBattery(identity: DeviceIdentity, board: Board, clock: Clock): Battery {
  const { address, seed, ageMs, latencyMs = LATENCY_MS } = identity;
  const startedAt = clock.monotonic() - ageMs;
  const cells = Array.from({ length: board.cells }, (_, i) => 3300 + (i % 5));
  const start = { cells, amps: -8, remain: 180, capacity: CAPACITY_AH, temperatures: board.temperatures };
  const protections = board.layout === "32s" ? [...PROTECTIONS, ...WIDE_PROTECTIONS] : PROTECTIONS;
  const pack = protectedPack(start, STEPS, board.layout === "04" ? [] : protections.map(([name]) => name), "jk", seed);
  const number = Number.parseInt(address.slice(-2), 16);
  let counter = 0;

  const answer = (bytes: Uint8Array, sample: Sample): Answer => ({ characteristic: SERIAL, bytes, sample, latencyMs });

  function cellRecord(): Answer {
    const ms = clock.monotonic() - startedAt;
    const state = pack.stateAt(ms);
    const uptime = Math.floor(ms / 1000);
    const record = (values: Readonly<Record<string, number | undefined>>, slots: readonly number[]) =>
      encodeRecord("cells", counter++, encodeCells(board.layout, values, slots));
    const { delta = 0, ...extremes } = cellValues(state.cells);
    const mask = 2 ** state.cells.length - 1;
    if (board.layout === "04") {
      const volts = state.cells.reduce((sum, cell) => sum + cell, 0) / 1000;
      const values = { mask, delta: delta / 1000, balancing: 0, balanceamps: 0, uptime };
      const slots = state.cells.map((cell) => cell / 1000);
      return answer(record(values, slots), { ...extremes, delta, volts, balancing: 0, balanceamps: 0, uptime });
    }
    const values = { ...packValues(state), delta, uptime };
    const protect = pack.raised().reduce((word, name) => word + 2 ** (bitOf(name) ?? 0), 0);
    const { mincell, maxcell } = extremes;
    const [charge, discharge] = [state.mayCharge ? 1 : 0, state.mayDischarge ? 1 : 0];
    const bytes = record({ ...values, mask, mincell, maxcell, protect, charge, discharge }, state.cells);
    const words = Object.fromEntries(protections.map(([name]) => [name, pack.raised().includes(name) ? 1 : 0]));
    const watts = (Math.round(values.volts * 1000) * Math.round(state.amps * 1000)) / 1_000_000;
    return answer(bytes, {
      ...present({ ...values, ...extremes, watts: watts || 0, protect, fet: charge + 2 * discharge }),
      ...words,
      // From the settings record, which the same start brought.
      capacity: CAPACITY_AH,
    });
  }

  const bitOf = (name: string) => protections.find(([known]) => known === name)?.[1][0];

  return {
    address,
    addressType: "public",
    name: `JK-${address.replaceAll(":", "").slice(-4)}`,
    manufacturerData: new Map([[COMPANY, Uint8Array.of(0x88, 0xa0, ...addressBytes(address))]]),
    rssi: -60 - (number % 25),
    services: [{ uuid: SERVICE, characteristics: board.characteristics }],
    advertisedServices: [SERVICE],
    mtu: board.mtu,
    registerOf(request) {
      const command = commandOf(request);
      return command === READ_INFORMATION ? "information" : command === START_STREAM ? "settings" : "";
    },
    answer(request) {
      const command = commandOf(request);
      if (command === READ_INFORMATION) {
        return answer(encodeRecord("information", counter++, encodeInformation(board.texts)), {});
      }
      if (command !== START_STREAM) return undefined;
      const sample = board.layout === "04" ? {} : { capacity: CAPACITY_AH };
      return answer(encodeRecord("settings", counter++, encodeSettings({ capacity: CAPACITY_AH })), sample);
    },
    openStream({ send, ended }) {
      let isStarted = false;
      async function push(): Promise<void> {
        while (!ended.aborted) {
          await clock.sleep(PERIOD_MS, ended);
          send({ ...cellRecord(), register: "cells" });
        }
      }
      return {
        requested(request) {
          if (isStarted || commandOf(request) !== START_STREAM) return;
          isStarted = true;
          push().catch(() => {});
        },
      };
    },
    setProtection: pack.setProtection,
    flowAt: (monotonicMs) => pack.flowAt(monotonicMs - startedAt),
  };
}

/** The fields of a record that are quantities as well. */
function packValues({ cells, amps, remain, percent, temperatures, cycles }: PackState) {
  const [temp1, temp2, mostemp, temp3, temp4] = temperatures;
  return {
    volts: cells.reduce((sum, cell) => sum + cell, 0) / 1000,
    ...{ amps, remain, percent, cycles, full: CAPACITY_AH, health: 100 },
    ...{ temp1, temp2, mostemp, temp3, temp4 },
    ...{ balancing: 0, balanceamps: 0, heating: 0 },
  };
}
