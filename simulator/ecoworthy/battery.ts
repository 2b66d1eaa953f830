import { writeLayout } from "../../agent/codec/layout.ts";
import { hasSoundCrc } from "../../agent/codec/modbus.ts";
import {
  encodeRecord,
  type Generation,
  type RecordForm,
  type RecordKind,
  recordForms,
} from "../../agent/drivers/ecoworthy/record.ts";
import { CELL_ROWS, packRows } from "../../agent/drivers/ecoworthy/values.ts";
import { addressBytes } from "../../common/model/address.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Battery, Request, Stream, StreamLine, StreamRecord } from "../battery.ts";
import { cellsSample, wattsOf } from "../expected-sample.ts";
import type { DeviceIdentity } from "../family.ts";
import { overlay } from "../overlay.ts";
import { simulatePack } from "../pack.ts";
import type { GattService } from "../peripheral.ts";
import { createProtections } from "../protections.ts";
import { rounded } from "../random.ts";

/** Properties that distinguish the batteries of different kinds. */
interface Model {
  readonly generation: Generation;
  /** Name in advertisements up to the four hexadecimal digits. */
  readonly name: string;
  readonly advertisedServices: readonly string[];
  readonly cells: number;
  readonly temperatures: readonly number[];
  /** Counts of the current per ampere. */
  readonly perAmp: number;
  /** True of a battery that is silent until it is sent a start. No recording shows which batteries these are. */
  readonly waits: boolean;
}

/** Names, services, cells and temperatures near those of recorded batteries. */
export const MODELS = {
  "ecoworthy-v1": {
    ...{ generation: "v1", name: "ECO-WORTHY 02_", advertisedServices: [], perAmp: 100, waits: false },
    ...{ cells: 4, temperatures: [20.5, 19.2, 19] },
  },
  "ecoworthy-v2": {
    ...{ generation: "v2", name: "ECO-WORTHY 0B_", advertisedServices: ["fff0"], perAmp: 10, waits: false },
    ...{ cells: 4, temperatures: [22, 20.2] },
  },
  dchouse: {
    ...{ generation: "v2", name: "DCHOUSE 01_", advertisedServices: ["fff0"], perAmp: 10, waits: true },
    ...{ cells: 16, temperatures: [21, 22, 23.4, 20.8] },
  },
} as const satisfies Record<string, Model>;

const NOTIFY = "fff1";
const WRITE = "fff2";
const SERVICES: readonly GattService[] = [
  {
    uuid: "fff0",
    characteristics: [
      { uuid: NOTIFY, properties: ["notify"] },
      { uuid: WRITE, properties: ["write", "writeWithoutResponse"] },
    ],
  },
];
/** A record arrives whole. */
const MTU = 247;
const LATENCY_MS = 20;
/** From one record to the next, which is of the other kind. */
const PERIOD_MS = 200;
const CAPACITY_AH = 100;

/** Words of recorded packs whose meaning is not known. */
const PACK_WORDS = wordsAt(68, { 0: 0x0018, 14: 1, 16: 1, 26: 1, 28: 2, 32: 0xffff });
/** A ninth place for a temperature, which no known battery uses. */
const CELL_WORDS = wordsAt(86, { 84: 0xfc18 });

/** Data of a record, and the values that a correct reader decodes from them. */
interface Content {
  readonly data: Uint8Array;
  readonly sample: Sample;
}

const REGISTERS = { pack: "a1", cells: "a2" } as const satisfies Record<RecordKind, string>;

/** True of both requests of the maker's app, whose meaning is not known. */
function isStart({ kind, characteristic, bytes }: Request): boolean {
  return kind === "write" && characteristic === WRITE && bytes[0] === 0xff && bytes[1] === 0x08 && hasSoundCrc(bytes);
}

/** A battery that pushes the values of its pack and those of its cells in turn. */
export function ecoworthyBattery(identity: DeviceIdentity, model: Model, clock: Clock): Battery {
  const { address, seed, ageMs, latencyMs = LATENCY_MS } = identity;
  const startedAt = clock.monotonic() - ageMs;
  const start = {
    cells: Array.from({ length: model.cells }, (_, i) => 3320 + ((i * 5) % 8)),
    ...{ amps: -1.14, remain: 72, capacity: CAPACITY_AH, temperatures: model.temperatures },
  };
  const pack = simulatePack(start, "ecoworthy", seed);
  const protections = createProtections([]);
  /** One of each kind. */
  const forms = recordForms(address).filter(({ generation }) => generation === model.generation);

  const contents: Readonly<Record<RecordKind, (ms: number) => Content>> = {
    pack(ms) {
      const amps = rounded(pack.ampsAt(ms), model.perAmp);
      const millivolts = pack.cellsAt(ms, amps).reduce((sum, cell) => sum + cell, 0);
      const volts = rounded(millivolts / 1000, 100);
      const percent = Math.round((100 * pack.remainAt(ms)) / CAPACITY_AH);
      const values = { volts, amps, percent, health: 100, capacity: CAPACITY_AH, protect: 0 };
      return {
        data: overlay(PACK_WORDS.length, PACK_WORDS, writeLayout(packRows(model.generation), values)),
        sample: { ...values, watts: wattsOf(volts, amps) },
      };
    },
    cells(ms) {
      const cells = pack.cellsAt(ms, pack.ampsAt(ms)).map(Math.round);
      const temperatures = pack.temperaturesAt(ms).map((celsius = 0, i) => [`temp${i + 1}`, rounded(celsius, 10)]);
      const sample = { cells: cells.length, ...cellsSample(cells), ...Object.fromEntries(temperatures) };
      const written = writeLayout(CELL_ROWS, { ...sample, sensors: temperatures.length });
      return { data: overlay(CELL_WORDS.length, CELL_WORDS, written), sample };
    },
  };

  function record(form: RecordForm): StreamRecord {
    const { data, sample } = contents[form.kind](clock.monotonic() - startedAt);
    const bytes = encodeRecord(form, data);
    return { register: REGISTERS[form.kind], characteristic: NOTIFY, bytes, sample, latencyMs };
  }

  function openStream({ send, ended }: StreamLine): Stream {
    let isStarted = false;
    async function push(): Promise<void> {
      while (!ended.aborted) {
        for (const form of forms) {
          await clock.sleep(PERIOD_MS, ended);
          send(record(form));
        }
      }
    }
    function begin(): void {
      if (isStarted) return;
      isStarted = true;
      push().catch(() => {});
    }
    return {
      subscribed(characteristic, on) {
        if (on && characteristic === NOTIFY && !model.waits) begin();
      },
      requested(request) {
        if (isStart(request)) begin();
      },
    };
  }

  const own = addressBytes(address);
  const [low = 0, high = 0, ...rest] = own;
  const number = own.slice(-2).reduce((sum, byte) => 256 * sum + byte, 0);
  return {
    address,
    addressType: "public",
    // As recorded names of v1 end; the digits of other names follow no known rule.
    name: model.name + ((number + 0xffff) % 0x1_0000).toString(16).toUpperCase().padStart(4, "0"),
    // In the place of the company identifier is the beginning of the address.
    manufacturerData: new Map([[low + 256 * high, Uint8Array.from(rest)]]),
    rssi: -60 - (number % 25),
    services: SERVICES,
    advertisedServices: model.advertisedServices,
    mtu: MTU,
    registerOf: (request) => (isStart(request) ? "start" : ""),
    answer: () => undefined,
    openStream,
    setProtection: protections.set,
    flowAt(monotonicMs) {
      const ms = monotonicMs - startedAt;
      const amps = pack.ampsAt(ms);
      return { amps, volts: pack.cellsAt(ms, amps).reduce((sum, millivolts) => sum + millivolts, 0) / 1000 };
    },
  };
}

function wordsAt(size: number, words: Readonly<Record<number, number>>): Uint8Array {
  const bytes = Buffer.alloc(size);
  for (const [at, word] of Object.entries(words)) bytes.writeUInt16BE(word, Number(at));
  return bytes;
}
