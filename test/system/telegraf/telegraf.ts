import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Program, startProcess } from "../../../simulator/program.ts";
import { type Point, parseLineProtocol } from "./point.ts";

/** Path of the Telegraf that test/system/telegraf/run has found or built. */
export const TELEGRAF = process.env.TEST_TELEGRAF ?? fail("run these tests by npm run test:telegraf");

/** The rest of an operator's telegraf.conf, with a short flush interval so that tests need not wait. */
export const AGENT = `[agent]
  omit_hostname = true
  flush_interval = "200ms"
  flush_jitter = "0s"
`;

/** A folder for sockets, configuration and output. It is removed when this process exits, after all servers have ended. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bms-tg-"));
  folders.push(folder);
  return folder;
}

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Starts a real Telegraf, which is killed when the test ends, and waits until it listens. */
export async function startTelegraf(
  t: TestContext,
  folder: string,
  configuration: string,
  options: { readonly program?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Program> {
  const file = join(folder, "telegraf.conf");
  writeFileSync(file, configuration);
  let awaited = configuration.match(/^\[\[inputs\.socket_listener\]\]/gm)?.length ?? 0;
  let listens = () => {};
  const listening = new Promise<void>((resolve) => {
    listens = resolve;
  });
  const telegraf = startProcess(options.program ?? TELEGRAF, ["--config", file], {
    env: options.env ?? {},
    onLog: (line) => {
      if (line.includes("[inputs.socket_listener] Listening on ") && --awaited === 0) listens();
    },
  });
  t.after(() => telegraf.stop("SIGKILL"));
  await Promise.race([
    listening,
    telegraf.ended.then(() => {
      throw new Error(`Telegraf ended before it listened:\n${telegraf.stderr.join("\n")}`);
    }),
  ]);
  return telegraf;
}

export const fileOutput = (path: string) => `[[outputs.file]]\n  files = ["${path}"]\n  data_format = "influx"\n`;

/** Points that `fileOutput` has written so far. */
export function pointsIn(path: string): Point[] {
  return parseLineProtocol(readFileSync(path, "utf8"));
}

/** A CSV document of the aggregator: column names, then rows. */
export function document(...rows: readonly Readonly<Record<string, string>>[]): string {
  return `${[Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))].map((cells) => `${cells.join(",")}\n`).join("")}\0`;
}

/** Writes documents over one connection and ends it; resolves when Telegraf has closed it, having read them. */
export function feed(socket: string, documents: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    connection.on("error", reject);
    connection.on("close", () => resolve());
    connection.resume();
    connection.end(documents.join(""));
  });
}

function fail(message: string): never {
  throw new Error(message);
}
