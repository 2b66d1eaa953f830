import { isQuantity } from "../../../common/model/quantities.ts";
import type { MutableSample, Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { RadioError } from "../../radio/radio.ts";
import type { Description } from "../device-session.ts";
import type { Driver } from "../driver.ts";
import { decodeThornwaveV1, decodeThornwaveV2, type ThornwaveV1, type ThornwaveV2 } from "./value.ts";

interface Format {
  readonly name: string;
  readonly service: string;
  readonly characteristic: string;
  decode(value: Uint8Array): ThornwaveV1 | ThornwaveV2;
}

const FORMATS: readonly Format[] = [
  {
    name: "v1",
    service: "7a95ce00-0ea8-1bcc-71a2-fc7539b81c9c",
    characteristic: "7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c",
    decode: decodeThornwaveV1,
  },
  {
    name: "v2",
    service: "ec7c0000-2c7b-1539-172f-29d041beab3e",
    characteristic: "ec7c0001-2c7b-1539-172f-29d041beab3e",
    decode: decodeThornwaveV2,
  },
];
/** Bluetooth SIG company identifier of Thornwave Labs. */
const COMPANY = 0x04c9;
/**
 * Thornwave PowerMon and PowerMon-5S: one characteristic is read and holds everything (value.ts); its service determines
 * the format. It is never recognised by its name, which the user chooses.
 * Nothing is ever written: the request characteristic also resets and switches. Facts and their sources:
 * docs/devices/thornwave.md.
 */
export const thornwave = {
  name: "thornwave",
  about: "Thornwave PowerMon battery monitors",
  identify: [
    { confidence: "certain", services: FORMATS.map(({ service }) => service) },
    { confidence: "likely", companies: [COMPANY] },
  ],
  async open(link) {
    const format = FORMATS.find(({ service }) => link.services.includes(service));
    if (!format) {
      const offered = link.services.join(", ") || "no services";
      throw new RadioError("unsupported", `not a PowerMon: it offers ${offered}, not one of its services`);
    }
    const read = async () => format.decode(await link.read(format));
    return {
      poll: async () => sampleOf(await twice(async () => checkedForTearing(await read()))),
      describe: async () => describe(await twice(read)),
    };
  },
  decodeFrame({ layout, notifications: [value = new Uint8Array()] }) {
    const format = FORMATS.find(({ name }) => name === layout);
    if (!format) throw new FrameError("malformed", `no format ${layout}: v1 or v2`);
    return sampleOf(checkedForTearing(format.decode(value)));
  },
} satisfies Driver;

/** The device refreshes its value twice a second, also between the parts of a long read; a second read is then whole. */
async function twice<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (first) {
    if (!(first instanceof FrameError)) throw first;
    try {
      return await read();
    } catch (second) {
      throw second instanceof RadioError && second.fault === "timeout" ? first : second;
    }
  }
}

/** In captures power equals voltage times current to a millionth. A larger difference means two moments' values. */
const TOLERANCE = { watts: 0.05, share: 0.005 };

/** @throws {FrameError} `torn` when the power belongs to another moment than voltage and current */
function checkedForTearing<V extends ThornwaveV1 | ThornwaveV2>(value: V): V {
  const { volts, volts2, amps, watts } = value;
  const agrees = (input: number) =>
    Math.abs(watts - input * amps) <= TOLERANCE.watts + TOLERANCE.share * Math.abs(watts);
  if (agrees(volts) || (volts2 !== undefined && agrees(volts2))) return value;
  throw new FrameError(
    "torn",
    `the value is torn: ${watts} W is not ${volts} V times ${amps} A, as under a load that pulsates`,
  );
}

/** The quantities of the vocabulary; firmware, flags and clocks are left out. */
function sampleOf(value: ThornwaveV1 | ThornwaveV2): Sample {
  const sample: MutableSample = {};
  for (const [name, number] of Object.entries(value)) if (isQuantity(name)) sample[name] = number;
  return sample;
}

function describe(value: ThornwaveV1 | ThornwaveV2): Description {
  if (!("firmware" in value)) return {};
  return { model: `PowerMon, hardware ${version(value.hardware, 1)}`, software: version(value.firmware, 2) };
}

/** Binary coded decimal with this many digits after the point: 0x0231 is 2.31. */
function version(coded: number, decimals: number): string {
  const digits = coded.toString(16).padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
