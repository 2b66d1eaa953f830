import type { Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import { withCrc } from "../../codec/modbus.ts";
import type { DeviceSession } from "../device-session.ts";
import type { PushedRecords, PushedStream, RecordKinds } from "../pushed-records.ts";
import { formsOf, type RecordForm, type RecordKind, recordData, recordFraming } from "./record.ts";
import { decodeCells, decodePack } from "./values.ts";

/** Devices push their records every 0.2 s in turn. */
const PAUSE_MS = 2_000;

/** Requests of the maker's app. What they set is not known, so they are sent only to a device that is silent. */
const STARTS = [0x64, 0x14].map((setting) =>
  withCrc(Uint8Array.of(0xff, 0x08, 0x02, 0x00, 0x0b, 0x01, 0x00, setting, 0x01, ...new Uint8Array(7).fill(0xff))),
);

/** The session of one link. A reading is the next record of each kind. */
export function openSession(records: PushedRecords, forms: readonly RecordForm[]): DeviceSession {
  const kindOf = (kind: RecordKind) => ({
    matches: (record: Uint8Array) => formsOf(forms, record).some((form) => form.kind === kind),
    read: (record: Uint8Array) => readRecord(forms, record),
  });
  const kinds: RecordKinds<Record<RecordKind, Sample>> = { pack: kindOf("pack"), cells: kindOf("cells") };
  const stream: PushedStream<Record<RecordKind, Sample>> = {
    framing: recordFraming(forms),
    records: kinds,
    starts: [STARTS, STARTS],
    pauseMs: PAUSE_MS,
  };
  async function poll(): Promise<Sample> {
    const { pack, cells } = await records.collect(stream, "when-silent");
    return { ...pack, ...cells };
  }
  return {
    poll,
    async describe() {
      const { cells } = await poll();
      return { ...(cells !== undefined && { cells }) };
    },
  };
}

/** The quantities of a sound record. @throws {FrameError} `malformed` */
export function readRecord(forms: readonly RecordForm[], record: Uint8Array): Sample {
  const [form] = formsOf(forms, record);
  if (!form) throw new FrameError("malformed", "not a record of this device");
  const data = recordData(form, record);
  return form.kind === "pack" ? decodePack(form.generation, data) : decodeCells(data);
}
