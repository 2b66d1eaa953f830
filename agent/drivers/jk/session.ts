import type { Sample } from "../../../common/model/reading.ts";
import type { DeviceSession } from "../device-session.ts";
import type { PushedRecords, PushedStream } from "../pushed-records.ts";
import type { CellLayout } from "./cell-record.ts";
import { isRecord, jkFraming, READ_INFORMATION, START_STREAM } from "./frame.ts";
import { decodeInformation, decodeSettings, type Information, type Settings } from "./information.ts";
import { cellSample } from "./sample.ts";

/** Boards push a record each second. */
const PAUSE_MS = 2_500;
/** An information record is an answer. */
const ANSWER_MS = 1_500;

export const informationRecord = { matches: isRecord("information"), read: decodeInformation };
export const settingsRecord = { matches: isRecord("settings"), read: decodeSettings };
export const cellRecord = (layout: CellLayout) => ({
  matches: isRecord("cells"),
  read: (frame: Uint8Array) => cellSample(layout, frame),
});

const INFORMATION: PushedStream<{ information: Information }> = {
  framing: jkFraming,
  records: { information: informationRecord },
  starts: [[READ_INFORMATION], [READ_INFORMATION], [READ_INFORMATION]],
  pauseMs: ANSWER_MS,
};

function cellStream(layout: CellLayout): PushedStream<{ sample: Sample }> {
  return {
    framing: jkFraming,
    records: { sample: cellRecord(layout) },
    starts: [[START_STREAM], [START_STREAM], [READ_INFORMATION, START_STREAM]],
    pauseMs: PAUSE_MS,
  };
}

/** The board reads its settings out once per start. Those of the first generation have another layout. */
function firstStream(layout: CellLayout): PushedStream<{ sample: Sample }, { settings: Settings }> {
  const stream = cellStream(layout);
  return layout === "04" ? { ...stream, extras: {} as never } : { ...stream, extras: { settings: settingsRecord } };
}

/** The session of one link. Nothing is written but the two requests that make the board send its records. */
export function openSession(pushed: PushedRecords): DeviceSession {
  let known: Information | undefined;
  let settings: Partial<Settings> = {};
  let cells: number | undefined;
  let isPushing = false;

  /** Records of cells do not tell their layout. */
  async function information(): Promise<Information> {
    known ??= (await pushed.collect(INFORMATION, "first")).information;
    return known;
  }

  async function nextSample(layout: CellLayout): Promise<Sample> {
    if (isPushing) return (await pushed.collect(cellStream(layout), "when-silent")).sample;
    const first = await pushed.collect(firstStream(layout), "first");
    settings = first.settings ?? settings;
    isPushing = true;
    return first.sample;
  }

  return {
    async poll() {
      const { layout } = await information();
      try {
        const sample = await nextSample(layout);
        cells = sample.cells;
        return { ...sample, ...settings };
      } catch (error) {
        isPushing = false;
        throw error;
      }
    },
    async describe() {
      const { description } = await information();
      return { ...description, ...(cells !== undefined && { cells }) };
    },
  };
}
