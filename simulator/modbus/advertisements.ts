import type { Battery } from "../battery.ts";

type Advertised = Pick<Battery, "name" | "manufacturerData" | "advertisedServices">;

const advertised = (
  name: string,
  advertisedServices: readonly string[],
  company?: number,
  payload = "",
): Advertised => ({
  name,
  advertisedServices,
  manufacturerData: new Map(company === undefined ? [] : [[company, Uint8Array.from(Buffer.from(payload, "hex"))]]),
});

/** As recorded, by kind. */
export const ADVERTISEMENTS: Readonly<Record<string, Advertised>> = {
  renogy: advertised("BT-TH-66EDFC11", ["ffd0"], 39008, "66edfc11"),
  "renogy-pro": advertised("RNGC122BAT28000194", [], 57676, "74683692"),
  eg4: advertised("Z122002264", ["1000"], 28544, "b0155e71"),
  vatrer: advertised("250320512100045", ["6e400001-b5a3-f393-e0a9-e50e24dcca9e"]),
  lipower: advertised("23-01-05-034", ["af30"]),
  pylontech: advertised("RT12100-710003", ["180f", "1812"]),
  gobel: advertised("BMS-1234567890ABCDEF", []),
  buknuwo: advertised("CDZG202512050020000242 ", [], 65535, "4e"),
};
