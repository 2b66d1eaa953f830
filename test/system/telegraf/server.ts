import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startProcess } from "../../../simulator/program.ts";

/** Directory in which test/system/telegraf/run has unpacked Debian's packages. */
const UNPACKED = process.env.TEST_SERVERS ?? "";
const BINARIES = [...(process.env.PATH ?? "").split(":"), join(UNPACKED, "usr/bin"), join(UNPACKED, "usr/sbin")];
const LIBRARIES = ["usr/lib", "lib"]
  .map((folder) => join(UNPACKED, folder))
  .flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((triplet) => join(folder, triplet)) : []));
const env = { LD_LIBRARY_PATH: LIBRARIES.join(":") };

/** Debian's package of each server, by its program. */
const PACKAGE = {
  "victoria-metrics": "victoria-metrics",
  vmagent: "victoria-metrics",
  vmalert: "victoria-metrics",
  "prometheus-alertmanager": "prometheus-alertmanager",
  influxd: "influxdb",
  "nats-server": "nats-server",
  prometheus: "prometheus",
  promtool: "prometheus",
  mosquitto: "mosquitto",
  mosquitto_sub: "mosquitto-clients",
} as const;
type ServerProgram = keyof typeof PACKAGE;

/** Unpacked files of a package that its program looks for in a fixed place. */
export const unpacked = (path: string) => join(UNPACKED, path);

const find = (program: ServerProgram) =>
  BINARIES.map((folder) => join(folder, program)).find((path) => existsSync(path));

/** Reason why a test cannot run here, or false: for `test(…, { skip })`. */
export function without(...programs: readonly ServerProgram[]): string | false {
  const missing = programs.filter((program) => !find(program)).map((program) => PACKAGE[program]);
  return missing.length > 0 && `NOT SHOWN: neither PATH nor Debian has ${missing.join(", ")} here`;
}

/** The path of a program, and the environment in which it finds its libraries. */
export function serverCommand(program: ServerProgram): { readonly command: string; readonly env: NodeJS.ProcessEnv } {
  return { command: find(program) ?? program, env: { ...process.env, ...env } };
}

/** Starts a server that is ended when the test ends. */
export function startServer(
  t: TestContext,
  name: ServerProgram,
  args: readonly string[],
  extra: Record<string, string> = {},
) {
  const server = startProcess(find(name) ?? name, args, { env: { ...env, ...extra } });
  t.after(() => server.stop("SIGKILL"));
  return server;
}

/** Body of a successful response. */
export async function get(url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return text;
}

/** Folder and port of a server. The folder may hold data of an earlier run. */
export interface ServerLocation {
  readonly folder: string;
  readonly port?: number;
  /** Arguments beside those that every test wants. */
  readonly args?: readonly string[];
}
