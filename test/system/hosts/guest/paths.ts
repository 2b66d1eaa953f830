import { join } from "node:path";
import { HOUSE_NAME } from "./network.ts";

/** The project in the machine, and the suite's own files in it. */
const PROJECT = "/opt/bms";
export const SUITE = join(PROJECT, "hosts");
export const NODE = "/usr/bin/node";
export const TELEGRAF = "/usr/bin/telegraf";
/** The host's folder. */
export const SHARE = "/share";

export const programPath = (name: string) => join(PROJECT, "dist", `${name}.js`);

/** Everything that the programs write, in memory. */
export const WORK = "/tmp/hosts";
export const ROWS = join(WORK, "rows");
export const ANSWERS = join(WORK, "answers.jsonl");
export const SIMULATOR = join(WORK, "simulator.sock");
export const TELEGRAF_SOCKET = join(WORK, "telegraf.sock");
export const LOCAL_ENDPOINT = `ipc://${join(WORK, "readings.sock")}`;
export const KNOWN_HOSTS = join(WORK, "known-hosts");
export const runtimeOf = (component: string) => join(WORK, `run-${component}`);

export const PORT = 8471;
export const REMOTE_ENDPOINT = `tcp://${HOUSE_NAME}:${PORT}`;
