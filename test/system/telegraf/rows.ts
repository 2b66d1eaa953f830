import type { Row } from "../../../simulator/csv-rows.ts";

const range = (count: number, entry: (n: number) => [string, string]) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => entry(i + 1)));

/**
 * Rows as the aggregator prints them, with extreme values: 32 cells, an alarm, negative currents, zeros, columns that other
 * devices lack, an outage, a meter of the same name at another site.
 */
export function edgeRows(startMs: number): readonly Row[] {
  const at = (n: number) => String(startMs + n * 10_000);
  const big: Row = {
    volts: "104.960",
    amps: "-5.800",
    watts: "-608.77",
    percent: "70.0",
    remain: "196.30",
    capacity: "280.00",
    cycles: "13",
    cells: "32",
    ...range(32, (n) => [`cell${n}`, String(3250 + n)]),
    cellmin: "3251",
    cellmax: "3282",
    delta: "31",
    mincell: "1",
    maxcell: "32",
    ...range(32, (n) => [`c${String(n).padStart(2, "0")}`, n === 32 ? "1" : "0"]),
    temp1: "-12.5",
    temp2: "0.0",
    protect: "4096",
    fet: "2",
    buv: "0",
    cnf: "1",
  };
  const solar: Row = { volts: "13.728", amps: "-0.017", watts: "0.00", temp: "24.0", kwh: "0.185042", ah: "-0.027" };
  return [
    { meter: "house", time: at(0), ...big, online: "1", polls: "1" },
    {
      meter: "house",
      time: at(1),
      ...big,
      amps: "0.000",
      watts: "0.00",
      protect: "0",
      cnf: "0",
      online: "1",
      polls: "2",
    },
    { meter: "solar", time: at(0), ...solar, online: "1", polls: "1" },
    { meter: "solar", time: at(1), online: "0", polls: "2", failures: "1" },
    { meter: "solar", time: at(2), ...solar, kwh: "0.185043", online: "1", polls: "61", failures: "1" },
    { meter: "solar", time: at(2), site: "shed", ...solar, amps: "1.017", online: "1", polls: "1" },
    { meter: "water pump", time: at(0), volts: "12.000", amps: "0.000", percent: "0.0", online: "1", polls: "1" },
  ];
}
