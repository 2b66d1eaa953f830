import { decodeCobs, encodeCobs } from "../../codec/cobs.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { layoutSize, type Row, readLayout, TEMPERATURE_RANGE, type Values, writeLayout } from "../../codec/layout.ts";

/**
 * The one characteristic value of a Thornwave PowerMon, little endian.
 *
 * v1 (firmware up to 2.03): 52 bytes as they are. v2 (newer): `00`, 51 bytes stuffed by COBS (47 without a second voltage
 * input), `00`. Proved by captures whose power equals first voltage times current; the v2 header is the vendor's
 * powermon.h. The two formats hold the two meters in opposite orders.
 */
const V1 = [
  { name: "runtime", at: 0, raw: "u32le", bits: [5, 19], absent: [0x7fff] },
  { name: "percent", at: 0, raw: "u32le", bits: [25, 31], absent: [0x7f], max: 100 },
  { name: "volts", at: 4, raw: "f32le" },
  { name: "volts2", at: 8, raw: "f32le" },
  { name: "amps", at: 12, raw: "f32le" },
  { name: "watts", at: 16, raw: "f32le" },
  { name: "temp", at: 20, raw: "f32le", ...TEMPERATURE_RANGE },
  { name: "kwh", at: 24, raw: "s64le", per: 1_000_000 },
  { name: "ah", at: 32, raw: "s64le", per: 1_000 },
  { name: "uptime", at: 40, raw: "u32le" },
  { name: "clock", at: 44, raw: "u32le" },
  { name: "peak", at: 48, raw: "f32le" },
] as const satisfies readonly Row[];

const V2 = [
  { name: "firmware", at: 0, raw: "u16le" },
  { name: "hardware", at: 2, raw: "u8" },
  { name: "clock", at: 3, raw: "u32le" },
  { name: "flags", at: 7, raw: "u32le" },
  { name: "volts", at: 11, raw: "f32le" },
  { name: "volts2", at: 15, raw: "f32le" },
  { name: "amps", at: 19, raw: "f32le" },
  { name: "watts", at: 23, raw: "f32le" },
  { name: "ah", at: 27, raw: "s64le", per: 1_000 },
  { name: "kwh", at: 35, raw: "s64le", per: 1_000_000 },
  { name: "temp", at: 43, raw: "f32le", ...TEMPERATURE_RANGE },
  { name: "relay", at: 47, raw: "u8" },
  { name: "percent", at: 48, raw: "u8", absent: [0xff, 0xfe], max: 100 },
  { name: "runtime", at: 49, raw: "u16le", absent: [0xffff, 0xfffe] },
] as const satisfies readonly Row[];

type SecondInput = Extract<(typeof V2)[number], { name: "volts2" }>;
type WithoutSecondInput = readonly Exclude<(typeof V2)[number], SecondInput>[];

/** Devices without a second input leave its four bytes out; the later fields move down by as many. */
const V2_ONE_INPUT: WithoutSecondInput = V2.filter((row) => row.name !== "volts2").map((row) =>
  row.at < 15 ? row : { ...row, at: row.at - 4 },
) as readonly Row[] as WithoutSecondInput;

/** All tables of the two formats, for programs that check or print them. */
export const THORNWAVE_LAYOUTS = { V1, V2, V2_ONE_INPUT } as const;

export type ThornwaveV1 = Values<typeof V1>;
export type ThornwaveV2 = Values<WithoutSecondInput> & Partial<Pick<Values<typeof V2>, "volts2">>;

const V2_SIZE = layoutSize(V2);
const V2_ONE_INPUT_SIZE = layoutSize(V2_ONE_INPUT);
const DELIMITER = 0;

/** Bytes after the 52nd are ignored. @throws {FrameError} `truncated`, `malformed` */
export function decodeThornwaveV1(value: Uint8Array): ThornwaveV1 {
  return readLayout(V1, value);
}

/** @throws {RangeError} when a value does not fit its field */
export function encodeThornwaveV1(values: ThornwaveV1): Uint8Array {
  return writeLayout(V1, values);
}

/** @throws {FrameError} `truncated`, `malformed` */
export function decodeThornwaveV2(value: Uint8Array): ThornwaveV2 {
  const payload = decodeCobs(undelimited(value));
  if (payload.length === V2_SIZE) return readLayout(V2, payload);
  if (payload.length === V2_ONE_INPUT_SIZE) return readLayout(V2_ONE_INPUT, payload);
  throw new FrameError(
    "malformed",
    `the value holds ${payload.length} bytes instead of ${V2_SIZE} or ${V2_ONE_INPUT_SIZE}`,
  );
}

/** Without volts2 the shorter form is written. @throws {RangeError} when a value does not fit its field */
export function encodeThornwaveV2({ volts2, ...values }: ThornwaveV2): Uint8Array {
  const payload = volts2 === undefined ? writeLayout(V2_ONE_INPUT, values) : writeLayout(V2, { ...values, volts2 });
  return Uint8Array.of(DELIMITER, ...encodeCobs(payload), DELIMITER);
}

/** The bytes between the delimiters; after the second one only zeros may follow, as padding. */
function undelimited(value: Uint8Array): Uint8Array {
  const end = value.indexOf(DELIMITER, 1);
  if (value[0] !== DELIMITER || value.length < 2)
    throw new FrameError("malformed", "the value does not begin with a delimiter");
  if (end < 0) throw new FrameError("truncated", "the value ends before its frame does");
  if (!value.subarray(end).every((byte) => byte === DELIMITER)) {
    throw new FrameError("malformed", "the value continues after the end of its frame");
  }
  return value.subarray(1, end);
}
