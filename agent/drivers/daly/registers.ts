import { TEMPERATURE_RANGE } from "../../codec/layout.ts";
import type { Request } from "../request-response.ts";

/** The common ground of Daly's two protocols with registers. */

/** Offset of a register in data that begin with register 0. */
export const at = (register: number) => 2 * register;

/** Positive while charging. */
export const AMPS = { raw: "u16be", zero: 30_000, per: 10 } as const;
/** 255 where no sensor is connected. */
export const CELSIUS = { raw: "u16be", zero: 40, absent: [0xff], ...TEMPERATURE_RANGE } as const;

/** Bit 0 charging, bit 1 discharging. */
export const fetOf = (charge: number, discharge: number) => (charge === 0 ? 0 : 0b01) + (discharge === 0 ? 0 : 0b10);

/** Text up to its padding with NUL. */
export function textAt(data: Uint8Array, start: number, size: number): string {
  const text = Buffer.from(data.subarray(start, start + size)).toString("latin1");
  return /^[ -~]*/.exec(text)?.[0].trim() ?? "";
}

const EXCEPTION = 0x80;

/**
 * Accepts no answer of another length: a request that is sent back is an answer without data by its third byte, and a
 * module may send answers to the requests of somebody before us.
 */
export function exactLength<T>(request: Request<T>, count: number): Request<T> {
  const { starts } = request.framing;
  return {
    ...request,
    framing: {
      ...request.framing,
      starts(bytes) {
        const [, command = 0, length] = bytes;
        return starts(bytes) && (length === undefined || command >= EXCEPTION || length === 2 * count);
      },
    },
  };
}
