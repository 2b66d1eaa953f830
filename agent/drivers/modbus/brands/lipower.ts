import { type Brand, type RowValues, register } from "../brand.ts";

const DISCHARGING = 1;

/**
 * The current has no sign, and all recordings are of discharging batteries: while the direction word is another one, the
 * current is not published.
 */
function derive({ hours, minutes, direction, magnitude }: RowValues): RowValues {
  return {
    ...(hours !== undefined && minutes !== undefined && { runtime: 60 * hours + minutes }),
    ...(direction === DISCHARGING && magnitude !== undefined && { amps: magnitude === 0 ? 0 : -magnitude }),
  };
}

/** LiPower and Ective batteries. */
export const LIPOWER: Brand = {
  name: "lipower",
  about: "LiPower and Ective batteries",
  identify: [
    { confidence: "certain", services: ["af30"], names: ["??-??-??-???"] },
    { confidence: "possible", services: ["af30"] },
  ],
  ports: [{ notify: { service: "ffe0", characteristic: "ffe1" }, write: { service: "ffe0", characteristic: "ffe1" } }],
  units: [0x22, 0x0b, 0x08],
  registers: [
    register(0x400, { name: "remain", raw: "u16be" }),
    register(0x401, { name: "percent", raw: "u16be" }),
    register(0x402, { name: "hours", raw: "u16be" }),
    register(0x403, { name: "minutes", raw: "u16be" }),
    register(0x404, { name: "direction", raw: "u16be" }),
    register(0x405, { name: "magnitude", raw: "u16be", per: 100 }),
    register(0x406, { name: "volts", raw: "u16be", per: 10 }),
  ],
  maxCells: 0,
  polled: [{ start: 0x400, count: 8, answerCounts: [8, 9] }],
  derive,
};
