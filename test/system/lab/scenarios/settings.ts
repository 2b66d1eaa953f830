import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { factoryModeMarker } from "../../../../common/runtime/settings-directory.ts";
import { until } from "../../../support/until.ts";
import type { Finding } from "../../machine/report.ts";
import { createAgents } from "../guest/agents.ts";
import { type Environment, type Scenario, SETTINGS_DIRECTORY } from "../guest/environment.ts";

const BATTERIES = { jbd: 3, thornwave: 1 };
const PERIOD_S = 2;
const CHANGED = "jbd1";
const CHANGE = ["cell_ov=3.600", "cell_ov_release=3.450", "pack_ov_delay=5"];
/** Raw data that the change writes. */
const NEW = { "24": "0e10", "25": "0d7a", "3c": "0205" };
/** A write of the second register, after which bmsctl is killed. */
const SECOND_WRITE = "dd5a2502";
const LEFT_WITHIN_S = 20;

export const SETTINGS: Scenario = {
  name: "settings",
  about: "bmsctl reads and changes the settings of a pack, is killed, and restores it, while three neighbours poll",
  batteries: BATTERIES,
  board: "load=none",
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  const { controller } = environment;
  const agents = createAgents(environment, BATTERIES, PERIOD_S);
  const neighbours = agents.others(CHANGED);
  const { address } = agents.get(CHANGED);
  await agents.answered(agents.start(...neighbours), 60, neighbours);
  const since = Date.now();
  const before = await memory();

  const reading = await ended("read", address);
  yield finding("bmsctl settings shows the settings", reading.code === 0 && reading.text.includes("cell_ov"), reading);
  const changing = await ended("change", "set", address, ...CHANGE, "--write", "--yes");
  yield finding("bmsctl settings set writes and stores", changing.code === 0 && (await holds(NEW)), changing);
  const file = savedFile();
  const restoring = await ended("restore", "apply", file, address, "--write", "--yes");
  yield finding("the saved state restores the pack", restoring.code === 0 && (await holds(before)), restoring);

  const victim = environment.startControl("killed", "settings", "set", address, ...CHANGE, "--write", "--yes");
  const writes = () => controller.requests().filter(({ bytes }) => bytes.startsWith(SECOND_WRITE)).length;
  const earlier = writes();
  await until("bmsctl writes", () => writes() > earlier, 60_000);
  await victim.stop("SIGKILL");
  const between = await memory();
  const isHalf = between["24"] === NEW["24"] && between["3c"] !== NEW["3c"];
  yield finding("bmsctl killed in the middle leaves a note", isHalf && isMarked(), { text: JSON.stringify(between) });
  const killedAt = Date.now();
  agents.start(CHANGED);
  const expected = `the agent leaves factory mode within ${LEFT_WITHIN_S} s and polls`;
  yield await agents.recovered(expected, killedAt, LEFT_WITHIN_S, [CHANGED]);
  yield finding("and the note is gone", !isMarked() && !(await isInFactoryMode()), { text: "" });

  await agents.get(CHANGED).process?.stop("SIGTERM");
  const again = await ended("restore again", "apply", savedFile(), address, "--write", "--yes");
  yield finding("the saved state restores the pack after the kill", again.code === 0 && (await holds(before)), again);
  yield agents.lostNothing("three neighbours lose no poll", since, neighbours);

  function isMarked() {
    return existsSync(factoryModeMarker(SETTINGS_DIRECTORY, address));
  }
  function finding(expected: string, holds: boolean, { text }: { readonly text: string }): Finding {
    return { expected, verdict: agents.judge(holds, since), ...(holds ? {} : { seen: text }) };
  }

  async function ended(name: string, ...words: readonly string[]) {
    const program = environment.startControl(name.replaceAll(" ", "-"), "settings", ...words);
    const { code } = await program.ended;
    return { code, text: [...program.stdout, ...program.stderr].join("; ") };
  }

  /** The state before the latest change. */
  function savedFile(): string {
    const folder = join(SETTINGS_DIRECTORY, address.replaceAll(":", "-"));
    const saved = readdirSync(folder).filter((name) => /^\d.*\.toml$/.test(name));
    return join(folder, saved.sort().at(-1) ?? "");
  }

  async function stateOf() {
    const devices = await controller.command("status");
    return devices.find((device) => device.address === address)?.memory;
  }
  async function memory() {
    return (await stateOf())?.working ?? {};
  }
  async function isInFactoryMode() {
    return (await stateOf())?.isInFactoryMode ?? true;
  }
  async function holds(wanted: Readonly<Record<string, string>>) {
    const state = await stateOf();
    return Object.entries(wanted).every(
      ([register, data]) => state?.working[register] === data && state.stored[register] === data,
    );
  }
}
