import { existsSync } from "node:fs";
import { until } from "../../../support/until.ts";
import type { Finding } from "../../machine/report.ts";
import { createAgents, quiet, withoutTime } from "../guest/agents.ts";
import { type Environment, ROOT, type Scenario } from "../guest/environment.ts";

const BATTERIES = { jbd: 2, thornwave: 0 };
const PERIOD_S = 1;
const WATCHED_S = 15;
const STARTS = 5;
const NATIVE_PART = "/opt/bms/node_modules/@abandonware/bluetooth-hci-socket/build/Release/bluetooth_hci_socket.node";
const OTHER_CLIENT = "/opt/bms/lab/raw-hci-client.js";
const FIRST = "jbd1";
const SECOND = "jbd2";

export const RAW_HCI: Scenario = {
  name: "raw-hci",
  about: "raw HCI without bluetoothd: one agent works, a second is refused, and what happens beside another program",
  batteries: BATTERIES,
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  if (!existsSync(NATIVE_PART)) {
    yield { expected: "the native part of raw HCI", verdict: "failed", seen: "it could not be compiled on the host" };
    return;
  }
  await environment.stack.stopBluetoothd("SIGTERM");
  environment.stack.bringAdapterUp();
  const agents = createAgents(environment, BATTERIES, PERIOD_S);
  const raw = { options: ["--radio", "hci"], user: ROOT };
  const startedAt = Date.now();
  const first = environment.startAgent({ ...agents.get(FIRST), ...raw });
  yield await agents.recovered("one agent reads without bluetoothd", startedAt, 20, [FIRST]);

  const since = Date.now();
  const second = environment.startAgent({ ...agents.get(SECOND), ...raw });
  await quiet(WATCHED_S);
  const [error = "nothing"] = second.stderr;
  const refused = /used by another bms-agent/.test(error) && environment.rows.answersSince(SECOND, since).length === 0;
  yield {
    expected: "a second agent is refused",
    verdict: refused ? "passed" : "failed",
    seen: withoutTime(error),
  };
  yield agents.lostNothing("and the first loses nothing", since, [FIRST]);
  await second.stop("SIGTERM");

  yield* harm();

  /** Restarts the agent beside a program that ignores its lock. Several times, as the outcome is a race. */
  async function* harm(): AsyncIterable<Finding> {
    await first.stop("SIGTERM");
    const command = ["node", OTHER_CLIENT, agents.get(SECOND).address] as const;
    const client = environment.start({ name: "raw-hci-client", command, user: ROOT });
    await until("the other program has a link", () => client.stdout.length > 0, 30_000);
    const seen: string[] = [];
    let isHarmed = false;
    for (let start = 0; start < STARTS && !isHarmed; start++) {
      const beside = Date.now();
      const agent = environment.startAgent({ ...agents.get(FIRST), ...raw });
      await quiet(WATCHED_S);
      const { asked, answered } = environment.rows.countSince(FIRST, beside);
      const error = withoutTime(agent.stderr.find((line) => /no answer|Error/.test(line)) ?? "");
      isHarmed = asked > answered || !agent.isRunning;
      seen.push(`${agent.isRunning ? `${asked - answered} of ${asked} lost` : "it died"}: ${error}`);
      await agent.stop("SIGTERM");
    }
    yield {
      expected: "what the lock prevents: beside another program on the raw adapter polls are lost, or the agent dies",
      verdict: isHarmed ? "passed" : "failed",
      seen: seen.join("; "),
    };
  }
}
