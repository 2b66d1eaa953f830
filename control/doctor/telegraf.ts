import { existsSync } from "node:fs";
import {
  type ReadConfiguration,
  readConfiguration,
  TELEGRAF_CONFIGURATION,
  tables,
} from "../../aggregator/check/configuration.ts";
import { formatFinding, isFault, parseReport } from "../../aggregator/check/finding.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import { type Database, databasesOf } from "./database.ts";
import { type Finding, ok, unknown, wrong } from "./finding.ts";
import { createMarker, followMarker, sendMarker } from "./marker.ts";

/** Telegraf as its configuration describes it. */
export interface TelegrafPlan {
  /** Under which it stores what comes over our socket; undefined where nothing listens there. */
  readonly measurement: string | undefined;
  readonly databases: readonly Database[];
}

/** What Telegraf's configuration makes of readings that are written to the socket at `path`. */
export function planOf(files: ReadConfiguration["files"], path: string): TelegrafPlan {
  const listeners = files.flatMap(({ content }) => tables(tables(content.inputs)[0]?.socket_listener));
  const ours = listeners.find(({ service_address }) => service_address === `unix://${path}`);
  return {
    measurement: ours && String(ours.name_override ?? "socket_listener"),
    databases: files.flatMap(({ content }) => tables(content.outputs).flatMap(databasesOf)),
  };
}

/** Findings of `bms-aggregator --check --json`, from its output. */
export function telegrafFindings(json: string): Finding[] {
  const about = "Telegraf";
  const report = parseReport(json);
  if (!report) return [unknown(about, "bms-aggregator --check --json printed no report")];
  return report.outputs.flatMap(({ output, ok: isOk, findings }) => [
    ...(isOk ? [ok(about, `${output}: OK`)] : []),
    ...findings.map((finding) => {
      const text = finding.about === "output" ? `${output}: ${formatFinding(finding)}` : formatFinding(finding);
      return isFault(finding) ? wrong(about, text) : ok(about, `note: ${text}`);
    }),
  ]);
}

/** Sends a marker through Telegraf and follows it into each database that can be asked. */
export async function examineDatabases(socketPath: string, clock: Clock): Promise<Finding[]> {
  const about = "database";
  const { files } = await readConfiguration(TELEGRAF_CONFIGURATION.filter((path) => existsSync(path)));
  const { measurement, databases } = planOf(files, socketPath);
  if (measurement === undefined)
    return [unknown(about, `nothing in Telegraf's configuration listens at ${socketPath}`)];
  if (databases.length === 0) return [unknown(about, "Telegraf's configuration names no database that can be asked")];
  const marker = createMarker(measurement, clock.now());
  try {
    await sendMarker(marker, socketPath);
  } catch (error) {
    return [unknown(about, `no marker was sent: ${(error as Error).message}`)];
  }
  const findings = await Promise.all(databases.map((database) => examineDatabase(marker, database, clock)));
  return findings.flat();
}

async function examineDatabase(...[marker, database, clock]: Parameters<typeof followMarker>): Promise<Finding[]> {
  const arrival = await followMarker(marker, database, clock);
  const complaint = arrival.verdict === "ok" ? await database.complaint() : undefined;
  return complaint === undefined ? [arrival] : [arrival, wrong(arrival.about, `${database.url}: ${complaint}`)];
}
