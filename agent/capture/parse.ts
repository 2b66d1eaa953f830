import {
  type Action,
  type AdvertiseRecord,
  CaptureError,
  type CaptureRecord,
  type Event,
  parseRecord,
} from "./record.ts";

/** An action on a link, and what the device did before the next one. */
export interface Exchange {
  readonly action: Action;
  readonly events: readonly { readonly afterMs: number; readonly event: Event }[];
}

export interface Recording {
  readonly exchanges: readonly Exchange[];
  /** Of a device that was listened to. */
  readonly advertisements: readonly AdvertiseRecord[];
  /** True when the last line was cut off while it was written; it is left out. */
  readonly torn: boolean;
}

/** Reads the text of a capture file. @throws {CaptureError} that names the line */
export function parseRecording(text: string): Recording {
  const lines = text.split("\n").map((line, i) => ({ line, number: i + 1 }));
  const written = lines.filter(({ line }) => line.trim() !== "");
  if (written.length === 0) throw new CaptureError("the file is empty");
  const torn = written.length > 1 && !isJson(written.at(-1)?.line ?? "");
  const exchanges = createExchanges();
  const advertisements: AdvertiseRecord[] = [];
  for (const { line, number } of torn ? written.slice(0, -1) : written) {
    try {
      const record = parseRecord(line);
      if (record.op === "advertise") advertisements.push(record);
      else exchanges.add(record);
    } catch (error) {
      if (error instanceof CaptureError) throw new CaptureError(`line ${number}: ${error.message}`, { cause: error });
      throw error;
    }
  }
  return { exchanges: exchanges.all, advertisements, torn };
}

/** Groups records, which are in order of time, into exchanges. */
function createExchanges() {
  const all: (Exchange & { events: { afterMs: number; event: Event }[] })[] = [];
  let linked = false;
  let lastAt = 0;
  return {
    all,
    /** @throws {CaptureError} */
    add(record: Exclude<CaptureRecord, AdvertiseRecord>) {
      // A run that was killed has not recorded the end of its link.
      if (record.op === "connect" && linked) this.add({ at: lastAt, op: "disconnect" });
      if (record.op === "connect") linked = true;
      else if (!linked) throw new CaptureError(`"${record.op}" without a link: a "connect" must precede it`);
      else if (record.at < lastAt) throw new CaptureError(`"at" decreases from ${lastAt} to ${record.at}`);
      lastAt = record.at;
      if (record.op === "notify" || record.op === "disconnect") {
        const exchange = all.at(-1);
        exchange?.events.push({ afterMs: record.at - exchange.action.at, event: record });
        linked = record.op === "notify";
      } else all.push({ action: record, events: [] });
    },
  };
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
