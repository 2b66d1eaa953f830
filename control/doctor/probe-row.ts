import { connect } from "node:net";

/** A row that only the doctor sends, to be looked for in the databases. */
export interface ProbeRow {
  /** Under which Telegraf stores it. */
  readonly measurement: string;
  readonly meter: string;
  readonly field: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
}

const METER = "bms-doctor";
const FIELD = "online";
/** Telegraf reads at once unless it is stuck. */
const READ_MS = 30_000;

export function createProbeRow(measurement: string, time: number): ProbeRow {
  return { measurement, meter: METER, field: FIELD, time };
}

/** Writes the row to Telegraf's socket. Resolves when Telegraf has read it: it closes its half then. @throws {Error} */
export function sendProbeRow({ meter, field, time }: ProbeRow, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.setTimeout(READ_MS, () => socket.destroy(new Error("Telegraf reads nothing: systemctl restart telegraf")));
    socket.once("error", reject);
    socket.once("close", (hadError) => {
      if (!hadError) resolve();
    });
    socket.resume();
    socket.end(`meter,time,${field}\n${meter},${time},0\n\0`);
  });
}
