import { type Brand, type RowValues, register } from "../brand.ts";

const SERVICE = "00010203-0405-0607-0809-0a0b0c0d1910";

function derive({ cellmax, cellmin }: RowValues): RowValues {
  return { ...(cellmax !== undefined && cellmin !== undefined && { delta: cellmax - cellmin }) };
}

/** Pylontech RT batteries of 12 to 48 V. They report the extremes of their cells only. */
export const PYLONTECH: Brand = {
  name: "pylontech",
  about: "Pylontech RT batteries",
  identify: [
    { confidence: "certain", names: ["RT12*", "RT24*", "RT36*", "RT48*"], services: ["180f", "1812"] },
    { confidence: "possible", services: [SERVICE] },
  ],
  ports: [
    {
      notify: { service: SERVICE, characteristic: "00010203-0405-0607-0809-0a0b0c0d2b10" },
      write: { service: SERVICE, characteristic: "00010203-0405-0607-0809-0a0b0c0d2b11" },
    },
  ],
  units: [1],
  registers: [
    register(0x1016, { name: "volts", raw: "u16be", per: 100 }),
    register(0x1017, { name: "amps", raw: "s16be", per: 10 }),
    register(0x1018, { name: "cellmax", raw: "u16be" }),
    register(0x1019, { name: "cellmin", raw: "u16be" }),
    register(0x101c, { name: "percent", raw: "u16be" }),
    register(0x101d, { name: "health", raw: "u16be" }),
    register(0x1022, { name: "capacity", raw: "u16be", per: 10 }),
  ],
  maxCells: 0,
  polled: [{ start: 0x1016, count: 0x0d }],
  derive,
};
