import { until } from "../../../support/until.ts";
import type { Finding } from "../../machine/report.ts";
import { createAgents, quiet, withoutTime } from "../guest/agents.ts";
import type { Environment, Scenario } from "../guest/environment.ts";

const BATTERIES = { jbd: 3, thornwave: 0 };
const PERIOD_S = 1;
/** Object path at which bluetoothd puts ff01 of a simulated pack. */
const NOTIFYING = "service0005/char0006";
const LOGGED_WITHIN_S = 30;
const BACK_WITHIN_S = 30;

export const CONFLICTS: Scenario = {
  name: "conflicts",
  about: "two agents for one device, a local program that holds it, a phone that holds it: clear errors, no lost poll",
  batteries: BATTERIES,
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  const agents = createAgents(environment, BATTERIES, PERIOD_S);
  const [first, held, phoned] = ["jbd1", "jbd2", "jbd3"] as const;
  await agents.answered(agents.start(first), 60, [first]);
  yield* secondAgent();
  yield* localProgram();
  yield* phone();

  async function* secondAgent(): AsyncIterable<Finding> {
    const since = Date.now();
    const second = environment.startAgent({ ...agents.get(first), meter: "second" });
    const { code } = await second.ended;
    yield {
      expected: "a second agent for the same device ends with a clear sentence",
      verdict: code === 0 || second.stderr.length !== 1 ? "failed" : "passed",
      seen: `status ${code}: ${withoutTime(second.stderr.at(-1) ?? "nothing")}`,
    };
    await quiet(5);
    yield agents.lostNothing("and the first loses nothing", since, [first]);
  }

  async function* localProgram(): AsyncIterable<Finding> {
    const { address } = agents.get(held);
    const since = Date.now();
    const client = environment.start({ name: "bluetoothctl", command: ["bluetoothctl"] });
    const printed = (pattern: RegExp) => () => pattern.test(client.stdout.join("\n"));
    client.type("scan on");
    await until("the device in bluetoothctl's scan", printed(new RegExp(`Device ${address}`)), 20_000);
    client.type("scan off");
    client.type(`connect ${address}`);
    await until("bluetoothctl is connected", printed(/ServicesResolved: yes/), 20_000);
    client.type("menu gatt");
    client.type(`select-attribute /org/bluez/hci0/dev_${address.replaceAll(":", "_")}/${NOTIFYING}`);
    client.type("acquire-notify");
    await until("bluetoothctl takes the notifications for itself", printed(/AcquireNotify success/), 20_000);
    agents.start(held);
    yield await logged("the agent names a device that bluetoothctl holds", held, /another program/);
    client.type("release-notify");
    client.type("back");
    client.type(`disconnect ${address}`);
    await until("bluetoothctl has disconnected", printed(/Successful disconnected/), 20_000);
    const releasedAt = Date.now();
    client.type("quit");
    yield await agents.recovered(`and back within ${BACK_WITHIN_S} s`, releasedAt, BACK_WITHIN_S, [held]);
    yield agents.lostNothing("the neighbour loses nothing", since, [first]);
  }

  async function* phone(): AsyncIterable<Finding> {
    const { address } = agents.get(phoned);
    const since = Date.now();
    await environment.controller.command("set", address, "occupied");
    agents.start(phoned);
    yield await logged("the agent names a phone as the possible holder", phoned, /phone/);
    await quiet(10);
    await environment.controller.command("clear", address);
    const releasedAt = Date.now();
    yield await agents.recovered(`and back within ${BACK_WITHIN_S} s`, releasedAt, BACK_WITHIN_S, [phoned]);
    yield agents.lostNothing("the neighbours lose nothing", since, [first, held]);
  }

  async function logged(expected: string, meter: string, pattern: RegExp): Promise<Finding> {
    const { process } = agents.get(meter);
    if (!process) return { expected, verdict: "failed", seen: "no agent" };
    return await agents.logged(expected, process, pattern, LOGGED_WITHIN_S);
  }
}
