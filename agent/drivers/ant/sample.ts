import { BALANCE_NAMES, CELL_NAMES, type Quantity, TEMPERATURE_NAMES } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import { cellExtremes, flags, numbered, power } from "../pack-sample.ts";
import type { LegacyRecord, Status } from "./status.ts";

/** Codes of the MOSFETs that a quantity means the same as. For the others see docs/devices/ant.md. */
interface Codes {
  readonly charge: readonly number[];
  readonly discharge: readonly number[];
}
export const PROTECTIONS = {
  ovp: { charge: [2, 16], discharge: [] },
  coc: { charge: [3], discharge: [] },
  bov: { charge: [5], discharge: [] },
  cot: { charge: [6], discharge: [] },
  uvp: { charge: [], discharge: [2, 16] },
  duc: { charge: [], discharge: [3, 4] },
  buv: { charge: [], discharge: [5] },
  dot: { charge: [], discharge: [6] },
  sc: { charge: [], discharge: [12] },
  dmf: { charge: [], discharge: [13] },
} as const satisfies Partial<Record<Quantity, Codes>>;

/** Codes of newer boards alone. */
export const NEW_PROTECTIONS = {
  cut: { charge: [17], discharge: [] },
  dut: { charge: [], discharge: [17] },
} as const satisfies Partial<Record<Quantity, Codes>>;

const ON = 1;

export function statusSample({ head, cells, temperatures, tail }: Status): Sample {
  const { charge, discharge, balancing, delta, ...same } = tail;
  return {
    ...head,
    ...same,
    watts: power(same.volts, same.amps),
    ...lists(cells, temperatures),
    ...(cells.length > 0 && { delta }),
    ...flags(BALANCE_NAMES.slice(0, cells.length), balancing),
    balancing: balancing === 0 ? 0 : 1,
    ...switches({ ...PROTECTIONS, ...NEW_PROTECTIONS }, charge, discharge),
  };
}

export function legacySample({ values, cells, temperatures }: LegacyRecord): Sample {
  const { charge, discharge, ...same } = values;
  return {
    ...same,
    watts: power(same.volts, same.amps),
    ...lists(cells, temperatures),
    ...switches(PROTECTIONS, charge, discharge),
  };
}

/** Boards number the extremes as well, but older ones wrongly: they are taken from the voltages. */
function lists(cells: readonly number[], temperatures: readonly (number | undefined)[]): Sample {
  return {
    cells: cells.length,
    ...numbered(CELL_NAMES, cells),
    ...cellExtremes(cells),
    ...numbered(TEMPERATURE_NAMES, temperatures),
  };
}

function switches(protections: Readonly<Record<string, Codes>>, charge: number, discharge: number): Sample {
  const acting = Object.entries(protections).map(([name, codes]) => {
    return [name, codes.charge.includes(charge) || codes.discharge.includes(discharge) ? 1 : 0];
  });
  return { fet: (charge === ON ? 1 : 0) + (discharge === ON ? 2 : 0), ...Object.fromEntries(acting) };
}
