import { connect } from "node:net";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Database } from "./database.ts";
import { type Finding, ok, unknown, wrong } from "./finding.ts";

/** A row that only the doctor sends, to be looked for where readings end. */
export interface Marker {
  /** Under which Telegraf stores it. */
  readonly measurement: string;
  readonly meter: string;
  readonly field: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
}

const METER = "bms-doctor";
const FIELD = "online";
/** Telegraf writes every 10 s by default; three times that is patience enough. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 1_000;

export function createMarker(measurement: string, time: number): Marker {
  return { measurement, meter: METER, field: FIELD, time };
}

/** Hands the marker to Telegraf; resolves when Telegraf has read it, which its closing tells. @throws {Error} */
export function sendMarker({ meter, field, time }: Marker, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.setTimeout(PATIENCE_MS, () =>
      socket.destroy(new Error("Telegraf reads nothing: systemctl restart telegraf")),
    );
    socket.once("error", reject);
    socket.once("close", (hadError) => {
      if (!hadError) resolve();
    });
    socket.resume();
    socket.end(`meter,time,${field}\n${meter},${time},0\n\0`);
  });
}

/** Looks for the marker until it has arrived or patience ends. */
export async function followMarker(marker: Marker, database: Database, clock: Clock): Promise<Finding> {
  const about = "database";
  const { url } = database;
  const sentAt = clock.monotonic();
  for (;;) {
    try {
      if (await database.has(marker)) {
        const seconds = Math.round((clock.monotonic() - sentAt) / 1000);
        return ok(about, `what Telegraf takes stands in ${url} after ${seconds} s`);
      }
    } catch (error) {
      const why = reasonOf(error);
      return why === undefined
        ? unknown(about, `${url} was not asked: ${(error as Error).message}`)
        : wrong(about, `${url} does not answer (${why}): start it, or mend its address in Telegraf's configuration`);
    }
    if (clock.monotonic() - sentAt > PATIENCE_MS) {
      const remedy = "journalctl -u telegraf tells why";
      return wrong(about, `what Telegraf takes is not in ${url} after ${PATIENCE_MS / 1000} s: ${remedy}`);
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/** Why nothing came back at all; undefined where there was an answer, only not to our question. */
function reasonOf(error: unknown): string | undefined {
  const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? (name === "TimeoutError" ? "no answer in time" : undefined);
}
