import type { Sample } from "../../../common/model/reading.ts";
import type { RecordKind } from "../pushed-records.ts";
import { type DecodeFrame, readRecorded } from "../recorded-frame.ts";
import { jkFraming, START_STREAM } from "./frame.ts";
import { cellRecord, informationRecord, settingsRecord } from "./session.ts";

/** The records by the names of their layouts. One request starts records of several kinds, so it does not tell. */
const LAYOUTS: Readonly<Record<string, RecordKind<Sample>>> = {
  "cell-24s": cellRecord("24s"),
  "cell-32s": cellRecord("32s"),
  "cell-04": cellRecord("04"),
  "settings-24s": { ...settingsRecord, read: (frame) => ({ ...settingsRecord.read(frame) }) },
  "settings-32s": { ...settingsRecord, read: (frame) => ({ ...settingsRecord.read(frame) }) },
  "device-info": { ...informationRecord, read: readTexts },
};

/** Decodes a record by its layout. Anything else, as the message that the module is ready, holds no quantities. */
export const decodeJkFrame: DecodeFrame = async ({ layout, notifications }) => {
  const kind = Object.hasOwn(LAYOUTS, layout) ? LAYOUTS[layout] : undefined;
  return kind ? readRecorded({ bytes: START_STREAM, framing: jkFraming, ...kind }, notifications) : {};
};

function readTexts(frame: Uint8Array): Sample {
  informationRecord.read(frame);
  return {};
}
