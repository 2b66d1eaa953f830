import { until } from "../../../support/until.ts";
import { createFleet, quiet } from "../guest/fleet.ts";
import type { RunningProcess } from "../guest/processes.ts";
import type { Scenario } from "../guest/scenario.ts";
import type { Stage } from "../guest/stage.ts";
import type { Finding } from "../report.ts";

const BATTERIES = { jbd: 3, thornwave: 0 };
const PERIOD_S = 1;
/** Where bluetoothd puts ff01 of a simulated pack. */
const NOTIFYING = "service0005/char0006";
const CLEAR_WORDS_WITHIN_S = 30;
const BACK_WITHIN_S = 30;

export const RIVALS: Scenario = {
  name: "rivals",
  about: "two agents for one device, a local program that holds it, a phone that holds it: clear words, no fight",
  batteries: BATTERIES,
  run,
};

async function* run(stage: Stage): AsyncIterable<Finding> {
  const fleet = createFleet(stage, BATTERIES, PERIOD_S);
  const [first, held, phoned] = ["jbd1", "jbd2", "jbd3"] as const;
  await fleet.answered(fleet.start(first), 60, [first]);
  yield* secondAgent();
  yield* localProgram();
  yield* phone();

  async function* secondAgent(): AsyncIterable<Finding> {
    const since = Date.now();
    const second = stage.startAgent({ ...fleet.agent(first), meter: "second" });
    const { code } = await second.ended;
    yield {
      expected: "a second agent for the same device ends with a clear sentence",
      verdict: code === 0 || second.stderr.length !== 1 ? "failed" : "passed",
      seen: `status ${code}: ${lastWords(second)}`,
    };
    await quiet(5);
    yield fleet.lostNothing("and the first loses nothing", since, [first]);
  }

  async function* localProgram(): AsyncIterable<Finding> {
    const { address } = fleet.agent(held);
    const since = Date.now();
    const client = stage.startAsUser({ name: "bluetoothctl", command: ["bluetoothctl"] });
    const says = (pattern: RegExp) => () => pattern.test(client.stdout.join("\n"));
    client.type("scan on");
    await until("the device in bluetoothctl's scan", says(new RegExp(`Device ${address}`)), 20_000);
    client.type("scan off");
    client.type(`connect ${address}`);
    await until("bluetoothctl is connected", says(/ServicesResolved: yes/), 20_000);
    client.type("menu gatt");
    client.type(`select-attribute /org/bluez/hci0/dev_${address.replaceAll(":", "_")}/${NOTIFYING}`);
    client.type("acquire-notify");
    await until("bluetoothctl takes the notifications for itself", says(/AcquireNotify success/), 20_000);
    fleet.start(held);
    yield await saysWithin("a device that bluetoothctl holds: told", held, /another program/);
    client.type("release-notify");
    client.type("back");
    client.type(`disconnect ${address}`);
    await until("bluetoothctl has let go", says(/Successful disconnected/), 20_000);
    const letGoAt = Date.now();
    client.type("quit");
    yield await fleet.cameBack(`and back within ${BACK_WITHIN_S} s`, letGoAt, BACK_WITHIN_S, [held]);
    yield fleet.lostNothing("the neighbour loses nothing", since, [first]);
  }

  async function* phone(): AsyncIterable<Finding> {
    const { address } = fleet.agent(phoned);
    const since = Date.now();
    await stage.controller.command("set", address, "occupied");
    fleet.start(phoned);
    yield await saysWithin("a device that a phone holds: told", phoned, /phone/);
    await quiet(10);
    await stage.controller.command("clear", address);
    const letGoAt = Date.now();
    yield await fleet.cameBack(`and there within ${BACK_WITHIN_S} s`, letGoAt, BACK_WITHIN_S, [phoned]);
    yield fleet.lostNothing("the neighbours lose nothing", since, [first, held]);
  }

  async function saysWithin(expected: string, meter: string, pattern: RegExp): Promise<Finding> {
    const { process } = fleet.agent(meter);
    const since = Date.now();
    const said = () => process?.stderr.some((line) => pattern.test(line)) ?? false;
    const heard = await until(expected, said, CLEAR_WORDS_WITHIN_S * 1000).catch(() => false);
    const verdict = fleet.judge(heard, since);
    return { expected, verdict, seen: process ? lastWords(process) : "no agent" };
  }
}

function lastWords({ stderr }: RunningProcess): string {
  return (stderr.at(-1) ?? "nothing").replace(/^<\d>/, "");
}
