/**
 * The documents that tgalarneau/bms sends to Telegraf for one poll: a header line and a row each, without a time. Names, order and formats are
 * those of its jbdbms-16-socket-4temps.py and thornwave-socket.py.
 */
export function originalDocuments(values: { readonly volts: number; readonly percent: number }): string[] {
  const { volts, percent } = values;
  const bits = (names: readonly string[]) => [names.join(","), names.map(() => "0").join(",")];
  const cells = (from: number) => Array.from({ length: 8 }, (_, i) => `cell${from + i}`);
  const balance = (from: number) => Array.from({ length: 8 }, (_, i) => `c${String(from + i).padStart(2, "0")}`);
  const jbd: readonly (readonly string[])[] = [
    ["volts,amps,watts,remain,capacity,cycles", `${volts.toFixed(2)},-5.80,${(volts * -5.8).toFixed(2)},196,280,13`],
    bits(balance(1)),
    bits(balance(9)),
    bits(["ovp", "uvp", "bov", "buv", "cot", "cut", "dot", "dut", "coc", "duc", "sc", "ic", "cnf"]),
    ["protect,percent,fet,cells,temp1,temp2,temp3,temp4", `0,${percent},3,16,22.1,22.0,21.9,23.0`],
    [cells(1).join(","), "3301,3302,3303,3304,3305,3306,3307,3308"],
    [cells(9).join(","), "3309,3310,3311,3312,3313,3314,3315,3316"],
    ["mincell,cellmin,maxcell,cellmax,delta", "cell1,3301,cell16,3316,15"],
  ];
  const thornwave = ["volts,amps,watts,temp,kwh,ah,peak", "13.728,0.02,0.24,24.1,185.0420,-27.13,45.30"];
  const message = (meter: string, [names, row]: readonly string[]) => `meter,${names}\r\n${meter},${row}`;
  return [...jbd.map((lines) => message("bms", lines)), message("solar", thornwave)];
}

/** Types of these columns, as Telegraf's CSV parser infers them. */
export const ORIGINAL_TYPES: Readonly<Record<string, string>> = {
  ...ofType("float", "volts amps watts temp temp1 temp2 temp3 temp4 kwh ah peak"),
  ...ofType("int", "remain capacity cycles percent protect fet cells cellmin cellmax delta"),
  ...ofType("int", "ovp uvp bov buv cot cut dot dut coc duc sc ic cnf"),
  ...ofType(
    "int",
    numbered(16, (n) => `cell${n}`),
  ),
  ...ofType(
    "int",
    numbered(16, (n) => `c${String(n).padStart(2, "0")}`),
  ),
  ...ofType("string", "mincell maxcell"),
};

function ofType(type: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map((name) => [name, type]));
}

function numbered(count: number, name: (n: number) => string): string {
  return Array.from({ length: count }, (_, i) => name(i + 1)).join(" ");
}
