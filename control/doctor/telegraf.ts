import { existsSync } from "node:fs";
import { type ReadConfiguration, readConfiguration, tables } from "../../aggregator/check/configuration.ts";
import { type CheckReport, isFault } from "../../aggregator/check/finding.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import { type Database, databasesOf } from "./database.ts";
import { type Finding, note, ok, unknown, wrong } from "./finding.ts";
import { createProbeRow, type ProbeRow, sendProbeRow } from "./probe-row.ts";

/** Telegraf writes every 10 s by default; this is three times that. */
const ARRIVAL_MS = 30_000;
const LOOK_EVERY_MS = 1_000;
const ABOUT = "database";

/** Codes of what an ordinary user may not do, and the aggregator's user may. */
const DENIED: ReadonlySet<string | undefined> = new Set(["EACCES", "EPERM"]);

/** The findings of `bms-aggregator --check`, as far as this user can judge. */
export function telegrafFindings({ outputs }: CheckReport, uid: number): Finding[] {
  const about = "Telegraf";
  return outputs.flatMap(({ output, ok: isOk, findings }) => [
    ...(isOk ? [ok(about, `${output}: OK`)] : []),
    ...findings.map((finding) => {
      const message = finding.about === "output" ? `${output}: ${finding.message}` : finding.message;
      if (uid !== 0 && DENIED.has(finding.code))
        return unknown(about, `this user may not use ${output}`, "run the doctor with sudo");
      return isFault(finding) ? wrong(about, message, finding.remedy) : note(about, message, finding.remedy);
    }),
  ]);
}

/** The path of readings through Telegraf, from its configuration. */
export interface TelegrafPlan {
  /** Under which it stores what it reads from our socket; undefined if nothing listens there. */
  readonly measurement: string | undefined;
  readonly databases: readonly Database[];
}

export function planOf(files: ReadConfiguration["files"], socketPath: string): TelegrafPlan {
  const listeners = files.flatMap(({ content }) => tables(tables(content.inputs)[0]?.socket_listener));
  const ours = listeners.find(({ service_address }) => service_address === `unix://${socketPath}`);
  return {
    measurement: ours && String(ours.name_override ?? "socket_listener"),
    databases: files.flatMap(({ content }) => tables(content.outputs).flatMap(databasesOf)),
  };
}

/** Sends a probe row through Telegraf and looks for it in each database that can be queried. */
export async function checkDatabases(
  socketPath: string,
  telegrafConfig: readonly string[],
  clock: Clock,
): Promise<Finding[]> {
  const { files } = await readConfiguration(telegrafConfig.filter((path) => existsSync(path)));
  const { measurement, databases } = planOf(files, socketPath);
  if (measurement === undefined)
    return [unknown(ABOUT, `nothing in Telegraf's configuration listens at ${socketPath}`)];
  if (databases.length === 0) return [unknown(ABOUT, "Telegraf's configuration names no database that can be queried")];
  const row = createProbeRow(measurement, clock.now());
  try {
    await sendProbeRow(row, socketPath);
  } catch (error) {
    return [unknown(ABOUT, `no probe row was sent: ${(error as Error).message}`)];
  }
  return (await Promise.all(databases.map((database) => checkDatabase(row, database, clock)))).flat();
}

async function checkDatabase(row: ProbeRow, database: Database, clock: Clock): Promise<Finding[]> {
  const arrival = await checkArrival(row, database, clock);
  const remedy = arrival.verdict === "ok" ? await database.misconfiguration() : undefined;
  if (remedy === undefined) return [arrival];
  return [arrival, wrong(ABOUT, `${database.url} stores a reading twice that had to be sent twice`, remedy)];
}

/** Looks for the row until it has arrived or `ARRIVAL_MS` have passed. */
export async function checkArrival(row: ProbeRow, database: Database, clock: Clock): Promise<Finding> {
  const { url } = database;
  const sentAt = clock.monotonic();
  for (;;) {
    try {
      if (await database.contains(row)) {
        const seconds = Math.round((clock.monotonic() - sentAt) / 1000);
        return ok(ABOUT, `a probe row arrived in ${url} after ${seconds} s`);
      }
    } catch (error) {
      const reason = noAnswer(error);
      return reason === undefined
        ? unknown(ABOUT, `${url} could not be queried: ${(error as Error).message}`)
        : wrong(
            ABOUT,
            `${url} does not answer (${reason})`,
            "start it, or correct its address in Telegraf's configuration",
          );
    }
    if (clock.monotonic() - sentAt > ARRIVAL_MS) {
      const message = `a probe row that Telegraf has read is not in ${url} after ${ARRIVAL_MS / 1000} s`;
      return wrong(ABOUT, message, "see journalctl -u telegraf");
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/** The reason why there was no answer at all; undefined if there was one, such as a refusal. */
function noAnswer(error: unknown): string | undefined {
  const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? (name === "TimeoutError" ? "timed out" : undefined);
}
