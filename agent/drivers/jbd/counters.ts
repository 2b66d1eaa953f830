import { FrameError } from "../../codec/frame-error.ts";
import { layoutSize, type Row, readLayout, type Values, writeLayout } from "../../codec/layout.ts";

/**
 * Register 0xAA, how often each protection has acted (vendor protocol V11), named as the vocabulary names the
 * protections. Newer boards append how often they have restarted.
 */
const COUNTERS = [
  { name: "sc", at: 0, raw: "u16be" },
  { name: "coc", at: 2, raw: "u16be" },
  { name: "duc", at: 4, raw: "u16be" },
  { name: "ovp", at: 6, raw: "u16be" },
  { name: "uvp", at: 8, raw: "u16be" },
  { name: "cot", at: 10, raw: "u16be" },
  { name: "cut", at: 12, raw: "u16be" },
  { name: "dot", at: 14, raw: "u16be" },
  { name: "dut", at: 16, raw: "u16be" },
  { name: "bov", at: 18, raw: "u16be" },
  { name: "buv", at: 20, raw: "u16be" },
] as const satisfies readonly Row[];
const RESTARTS = [{ name: "restarts", at: 0, raw: "u16be" }] as const satisfies readonly Row[];

export const COUNTER_LAYOUTS = { COUNTERS, RESTARTS } as const;
const COUNTERS_SIZE = layoutSize(COUNTERS);

export type Counters = Values<typeof COUNTERS> & Partial<Values<typeof RESTARTS>>;

/** @throws {FrameError} `malformed` */
export function decodeCounters(payload: Uint8Array): Counters {
  const counters = COUNTERS_SIZE === payload.length;
  if (!counters && payload.length !== COUNTERS_SIZE + layoutSize(RESTARTS)) {
    throw new FrameError("malformed", `the error counters are ${payload.length} bytes long instead of 22 or 24`);
  }
  return {
    ...readLayout(COUNTERS, payload),
    ...(!counters && readLayout(RESTARTS, payload, COUNTERS_SIZE)),
  };
}

/** The payload of these counters. @throws {RangeError} */
export function encodeCounters({ restarts, ...counters }: Counters): Uint8Array {
  const more = restarts === undefined ? [] : writeLayout(RESTARTS, { restarts });
  return Uint8Array.of(...writeLayout(COUNTERS, counters), ...more);
}
