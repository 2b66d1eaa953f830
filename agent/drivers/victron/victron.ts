import type { Sample } from "../../../common/model/reading.ts";
import type { Advertisement } from "../../radio/radio.ts";
import type { Driver } from "../driver.ts";
import { decryptRecord, type ProductAdvertisement, parseAdvertisement, parseKey, VICTRON } from "./advertisement.ts";
import { modelName } from "./models.ts";
import { decodeRecord } from "./record.ts";
import { RECORDS } from "./records.ts";

/**
 * Victron's Instant Readout: devices repeat their values in encrypted advertisements (advertisement.ts), about once a
 * second. No connection is ever made. Facts and their sources: docs/devices/victron.md.
 */
export const victron = {
  name: "victron",
  about: "Victron SmartShunt, BMV, Smart Lithium, MPPT and other devices with Instant Readout",
  identify: [{ confidence: "certain", manufacturerDataPrefixes: ["02E1 10"] }],
  decodeAdvertisement: (advertisement, { pin }) => decode(parsed(advertisement), pin),
  recordNumber: (advertisement) => parsed(advertisement)?.number,
  describeAdvertisement(advertisement) {
    const found = parsed(advertisement);
    return found ? { model: modelOf(found) } : {};
  },
  /** Frames without a key show only what the device is. */
  decodeFrame: ({ notifications, pin }) =>
    (pin !== undefined && decode(parseAdvertisement(Buffer.concat(notifications)), pin)) || {},
} satisfies Driver;

/** Undefined where there are no values. @throws {FrameError} */
function decode(found: ProductAdvertisement | undefined, pin: string | undefined): Sample | undefined {
  const kind = found && RECORDS.get(found.record);
  return kind && decodeRecord(kind, decryptRecord(found, parseKey(pin)));
}

/** @throws {FrameError} truncated */
function parsed({ manufacturerData }: Advertisement): ProductAdvertisement | undefined {
  const payload = manufacturerData.get(VICTRON);
  return payload && parseAdvertisement(payload);
}

function modelOf({ model, record }: ProductAdvertisement): string {
  const about = RECORDS.get(record)?.about ?? `device with record ${record.toString(16)}`;
  return modelName(model) ?? `${about}, model 0x${model.toString(16).toUpperCase()}`;
}
