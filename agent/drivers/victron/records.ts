import { bitRow, signedBitRow } from "../../codec/bit-row.ts";
import { layoutSize, type Row, TEMPERATURE_RANGE } from "../../codec/layout.ts";

/**
 * The records of Victron's product advertisements, decrypted: each is one string of bits, least significant first. Layouts
 * never change and may grow. Sources, and how sure each record is: docs/devices/victron.md.
 *
 * Rows with names of the vocabulary are quantities. The others describe the record, or have no word.
 */
export interface RecordKind {
  /** For people. */
  readonly about: string;
  readonly rows: readonly Row[];
  /** Bits of the alarm word, from the lowest, that have a word. */
  readonly hasAlarms?: true;
  /** The auxiliary input is read by its mode. */
  readonly hasAux?: true;
  /** It has LITHIUM_CELLS. */
  readonly hasCells?: true;
}

const state = bitRow("state", 0, 8, { absent: [0xff] });
const error = (at: number) => bitRow("errorcode", at, 8, { absent: [0xff] });
const volts = (at: number) => signedBitRow("volts", at, 16, { per: 100, absent: [0x7fff] });
const volts14 = (at: number) => bitRow("volts", at, 14, { per: 100, absent: [0x3fff] });
const amps = (at: number) => signedBitRow("amps", at, 16, { per: 10, absent: [0x7fff] });
const pvwatts = (at: number) => bitRow("pvwatts", at, 16, { absent: [0xffff] });
const yieldToday = (at: number) => bitRow("yield", at, 16, { per: 100, absent: [0xffff] });
const offreason = (at: number) => bitRow("offreason", at, 32);
const smallTemperature = (at: number) => bitRow("temp", at, 7, { zero: 40, absent: [0x7f] });
/** The document's count for "no current" is -1 mA; devices send the highest count. A shunt counts in steps of 10 mA. */
const milliamps = signedBitRow("amps", 66, 22, { per: 1_000, absent: [0x1f_ffff, -1] });

/** The auxiliary input of a battery monitor or meter. */
export const AUX_MODE = bitRow("mode", 64, 2);
/** Its value by the mode; without a row there is none. FFFF is a temperature sensor that is missing: 382 °C. */
const AUX: Readonly<Record<number, Row>> = {
  0: signedBitRow("volts2", 48, 16, { per: 100, absent: [0x7fff] }),
  1: bitRow("midvolts", 48, 16, { per: 100, absent: [0xffff] }),
  2: bitRow("temp", 48, 16, { per: 100, zero: 27_315, absent: [0xffff], ...TEMPERATURE_RANGE }),
};
const NO_AUX = bitRow("aux", 48, 16, { absent: [0xffff] });

/** 7 bits each from bit 48 on. 0 is 2.60 V or less, 7E is 3.86 V or more. */
export const LITHIUM_CELLS = Array.from({ length: 8 }, (_, i) =>
  bitRow(`cell${i + 1}`, 48 + 7 * i, 7, { per: 0.1, zero: -260, absent: [0x7f] }),
);

/** By record type. */
export const RECORDS: ReadonlyMap<number, RecordKind> = new Map<number, RecordKind>([
  [
    0x01,
    {
      about: "solar charger",
      rows: [
        state,
        error(8),
        volts(16),
        amps(32),
        yieldToday(48),
        pvwatts(64),
        bitRow("loadamps", 80, 9, { per: 10, absent: [0x1ff] }),
      ],
    },
  ],
  [
    0x02,
    {
      about: "battery monitor",
      rows: [
        bitRow("runtime", 0, 16, { absent: [0xffff] }),
        volts(16),
        bitRow("alarm", 32, 16),
        AUX_MODE,
        milliamps,
        bitRow("consumed", 88, 20, { per: 10, absent: [0xf_ffff] }),
        bitRow("percent", 108, 10, { per: 10, absent: [0x3ff] }),
      ],
      hasAlarms: true,
      hasAux: true,
    },
  ],
  [
    0x03,
    {
      about: "inverter",
      rows: [
        state,
        bitRow("alarm", 8, 16),
        volts(24),
        bitRow("acva", 40, 16, { absent: [0xffff] }),
        bitRow("acvolts", 56, 15, { per: 100, absent: [0x7fff] }),
        bitRow("acamps", 71, 11, { per: 10, absent: [0x7ff] }),
      ],
      hasAlarms: true,
    },
  ],
  [
    0x04,
    {
      about: "DC-DC converter",
      rows: [state, error(8), bitRow("involts", 16, 16, { per: 100, absent: [0xffff] }), volts(32), offreason(48)],
    },
  ],
  [
    0x05,
    {
      about: "lithium battery",
      rows: [
        bitRow("alarm", 0, 32),
        ...LITHIUM_CELLS,
        bitRow("volts", 104, 12, { per: 100, absent: [0xfff] }),
        bitRow("balancer", 116, 4, { absent: [0xf] }),
        smallTemperature(120),
      ],
      hasCells: true,
    },
  ],
  [
    0x06,
    {
      about: "inverter RS",
      rows: [
        state,
        error(8),
        volts(16),
        amps(32),
        pvwatts(48),
        yieldToday(64),
        signedBitRow("acwatts", 80, 16, { absent: [0x7fff] }),
      ],
    },
  ],
  [
    0x08,
    {
      about: "AC charger",
      rows: [
        state,
        error(8),
        bitRow("volts", 16, 13, { per: 100, absent: [0x1fff] }),
        bitRow("amps", 29, 11, { per: 10, absent: [0x7ff] }),
        smallTemperature(88),
      ],
    },
  ],
  [
    0x09,
    {
      about: "BatteryProtect",
      rows: [state, error(16), bitRow("alarm", 24, 16), volts(56), offreason(88)],
      hasAlarms: true,
    },
  ],
  [
    0x0a,
    {
      about: "Lynx Smart BMS",
      rows: [
        error(0),
        bitRow("runtime", 8, 16, { absent: [0xffff] }),
        volts(24),
        amps(40),
        bitRow("alarm", 72, 18),
        bitRow("percent", 90, 10, { per: 10, absent: [0x3ff] }),
        bitRow("consumed", 100, 20, { per: 10, absent: [0xf_ffff] }),
        smallTemperature(120),
      ],
    },
  ],
  [
    0x0b,
    {
      about: "Multi RS",
      rows: [
        state,
        error(8),
        amps(16),
        volts14(32),
        signedBitRow("acinwatts", 48, 16, { absent: [0x7fff] }),
        signedBitRow("acwatts", 64, 16, { absent: [0x7fff] }),
        pvwatts(80),
        yieldToday(96),
      ],
    },
  ],
  [
    0x0c,
    {
      about: "inverter and charger on VE.Bus",
      rows: [
        state,
        error(8),
        amps(16),
        volts14(32),
        signedBitRow("acinwatts", 48, 19, { absent: [0x3_ffff] }),
        signedBitRow("acwatts", 67, 19, { absent: [0x3_ffff] }),
        smallTemperature(88),
        bitRow("percent", 95, 7, { absent: [0x7f] }),
      ],
    },
  ],
  [
    0x0d,
    {
      about: "DC energy meter",
      rows: [volts(16), bitRow("alarm", 32, 16), AUX_MODE, milliamps],
      hasAlarms: true,
      hasAux: true,
    },
  ],
  [
    0x0f,
    {
      about: "DC-DC charger Orion XS",
      rows: [
        state,
        error(8),
        bitRow("volts", 16, 16, { per: 100, absent: [0xffff] }),
        bitRow("amps", 32, 16, { per: 10, absent: [0xffff] }),
        bitRow("involts", 48, 16, { per: 100, absent: [0xffff] }),
        bitRow("inamps", 64, 16, { per: 10, absent: [0xffff] }),
        offreason(80),
      ],
    },
  ],
]);

/** The rows of a record whose auxiliary input is in this mode, without those that end beyond `length` bytes. */
export function rowsOf({ rows, hasAux }: RecordKind, auxMode: number, length: number): readonly Row[] {
  const all = hasAux ? [...rows, AUX[auxMode] ?? NO_AUX] : rows;
  return all.filter((row) => layoutSize([row]) <= length);
}
