// An agent reads a pack through a real dbus-daemon with Debian's policy, while a program of another user sends everything
// that the policy lets through. bluetoothd is scripted. Needs root, dbus-daemon and setpriv: test/system/bus/run.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../common/runtime/clock.ts";
import { csvRows, type Row } from "../../../simulator/csv-rows.ts";
import { JBD_NOTIFY, jbdBattery } from "../../../simulator/jbd/battery.ts";
import { JBD_PRESETS } from "../../../simulator/jbd/presets.ts";
import { type Program, startProcess, startProgram } from "../../../simulator/program.ts";
import { type Answer, deviceColumns, expectedRows } from "../../integration/system.ts";
import { connectBus, daemonCall } from "../../support/dbus/bus-client.ts";
import { type ScriptedBluez, scriptedBluez } from "../../support/dbus/scripted-bluez.ts";
import { until } from "../../support/until.ts";
import type { Outcome } from "../intruder/attempt.ts";
import { bundlePrograms } from "../machine/programs.ts";
import { policiesIn, type RealMessageBus, startMessageBus } from "./real-message-bus.ts";

const ADDRESS = "A4:C1:37:00:00:01";
const METER = "pack";
/** User nobody, without any group. */
const NOBODY = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
/** Of an attempt that goes on for a while. */
const SECONDS_EACH = 2;
/** MemoryMax of the unit, kB. */
const MEMORY_MAX = 128 * 1024;

interface House {
  readonly agent: Program;
  readonly rows: readonly Row[];
  /** Answers of the pack so far. */
  readonly answers: readonly Answer[];
}

/** A pack behind a scripted bluetoothd on the bus, its agent, and an aggregator. */
async function startHouse(t: TestContext, bus: RealMessageBus, folder: string): Promise<House> {
  const bluez = scriptedBluez(bus);
  const adapter = `hci${process.pid}`;
  bluez.addAdapter(adapter, "00:11:22:33:44:55");
  const answers = servePack(bluez, adapter);
  await bus.owned();
  const rows: Row[] = [];
  const endpoint = `ipc://${join(folder, "readings.sock")}`;
  const aggregator = startProgram("bms-aggregator", ["--endpoint", endpoint], {
    onLine: csvRows((row) => rows.push(row)),
  });
  await aggregator.logged(/listening on/);
  const options = ["-m", METER, "-b", ADDRESS, "-i", "0.5", "--driver", "jbd", "--endpoint", endpoint];
  // Without the JIT compiler, as its unit runs it.
  const agent = startProgram("bms-agent", options, {
    env: { DBUS_SYSTEM_BUS_ADDRESS: bus.address, NODE_OPTIONS: "--jitless" },
  });
  t.after(async () => {
    await agent.stop("SIGKILL");
    await aggregator.stop("SIGKILL");
  });
  await until("readings", () => rows.length >= 3);
  return { agent, rows, answers };
}

function servePack(bluez: ScriptedBluez<RealMessageBus>, adapter: string): Answer[] {
  const preset = JBD_PRESETS.get(4);
  assert.ok(preset);
  const pack = jbdBattery({ address: ADDRESS, preset, seed: "1", ageMs: 0, latencyMs: 0 }, systemClock);
  const answers: Answer[] = [];
  const gatt = { ff00: { ff01: Buffer.alloc(0), ff02: Buffer.alloc(0) } };
  const path = bluez.advertise({ address: ADDRESS, name: pack.name, gatt }, adapter);
  bluez.answer("WriteValue", ({ body }) => {
    const request = { kind: "write", characteristic: "ff02", bytes: body?.[0] as Buffer } as const;
    const answer = pack.answer(request);
    if (!answer) return {};
    const { bytes, sample } = answer;
    setImmediate(() => {
      answers.push({ at: Date.now(), device: ADDRESS, register: pack.registerOf(request), sample });
      for (let at = 0; at < bytes.length; at += 20) bluez.notify(path, JBD_NOTIFY, bytes.subarray(at, at + 20));
    });
    return {};
  });
  return answers;
}

/** Runs the intruder as user nobody to its end. */
async function intrude(folder: string, socket: string, secondsEach: number): Promise<Outcome[]> {
  await bundlePrograms(folder, { intruder: "test/system/intruder/main.ts" });
  const program = [
    process.execPath,
    join(folder, "intruder.js"),
    "--bus",
    socket,
    "--seconds-each",
    String(secondsEach),
  ];
  const intruder = startProcess("setpriv", [...NOBODY, ...program]);
  const { code } = await intruder.ended;
  assert.equal(code, 0, intruder.stderr.join("\n"));
  return intruder.stdout.map((line) => JSON.parse(line) as Outcome);
}

/** A bus, and a folder that every user may read. */
async function startBus(t: TestContext, furtherPolicies?: string) {
  const folder = mkdtempSync(join(tmpdir(), "bms-bus-house-"));
  chmodSync(folder, 0o755);
  const bus = await startMessageBus(furtherPolicies);
  t.after(async () => {
    await bus.close();
    rmSync(folder, { recursive: true });
  });
  return { bus, folder };
}

test("a program of another user on the message bus", async (t) => {
  const { bus, folder } = await startBus(t);
  const { agent, rows, answers } = await startHouse(t, bus, folder);
  const outcomes = await intrude(folder, bus.socket, SECONDS_EACH);
  const count = rows.length;
  await until("two more readings", () => rows.length >= count + 2);
  const peak = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${agent.pid}/status`, "utf8"))?.[1]);
  await agent.stop("SIGINT");

  for (const { name, seen, isBreach } of outcomes) {
    await t.test(`it ${name}`, (subtest) => {
      assert.ok(!isBreach, seen);
      subtest.diagnostic(seen);
    });
  }
  await t.test("each reading is what the pack answered, none is missing", () => {
    assert.deepEqual(rows.map(deviceColumns), expectedRows(answers, ADDRESS).slice(0, rows.length));
    assert.deepEqual(
      rows.map(({ polls }) => Number(polls)),
      rows.map((_, at) => at + 1),
    );
  });
  await t.test("no link was lost and no poll failed", () => {
    assert.deepEqual([rows.at(-1)?.failures, rows.at(-1)?.reconnects], ["0", "0"]);
  });
  await t.test("the agent stays within the memory of its unit", () => assert.ok(peak < MEMORY_MAX, `${peak} kB`));
  await t.test("the log names the program's user", () => {
    const lines = agent.stderr.filter((line) => line.includes("of another program on the message bus"));
    assert.ok(
      lines.some((line) => /a signal .*uid 65534/.test(line)),
      agent.stderr.join("\n"),
    );
    assert.ok(lines.length < 20, lines.join("\n"));
  });
  const times = rows.map(({ time }) => Number(time));
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  t.diagnostic(`${rows.length} readings, ${Math.max(...gaps)} ms apart at most; at most ${Math.round(peak / 1024)} MB`);
});

test("the policy of SECURITY.md leaves bluetoothd to root and the group bluetooth", async (t) => {
  const { bus, folder } = await startBus(t, policiesIn(readFileSync("SECURITY.md", "utf8")));
  const { rows } = await startHouse(t, bus, folder);
  const outcomes = await intrude(folder, bus.socket, 0);
  const seen = outcomes.find(({ name }) => name === "commands bluetoothd")?.seen;
  assert.equal(seen, "org.freedesktop.DBus.Error.AccessDenied");
  assert.ok(rows.length >= 3);
});

test("the package's policy keeps messages of other programs from the user of the agents", async (t) => {
  // Any that exists: the bus asks for its groups.
  const name = "daemon";
  const policy = policiesIn(readFileSync("systemd/dbus/bms.conf", "utf8")).replace('user="bms"', `user="${name}"`);
  const { bus, folder } = await startBus(t, policy);
  await bundlePrograms(folder, { listener: "test/system/bus/listener.ts" });
  const bluez = await connectBus(bus.socket);
  await bluez.call(daemonCall("RequestName", "su", ["org.bluez", 0]));
  const stranger = await connectBus(bus.socket);
  const user = ["--reuid", name, "--regid", name, "--clear-groups"];
  const listener = startProcess("setpriv", [...user, process.execPath, join(folder, "listener.js"), bus.socket]);
  t.after(() => listener.stop("SIGKILL"));
  await until("the listener's name", () => listener.stdout.length > 0);
  const [destination = ""] = listener.stdout;
  for (const [client, member] of [
    [stranger, "Forged"],
    [bluez, "True"],
    [stranger, "Forged"],
  ] as const) {
    client.send({ kind: "signal", destination, path: "/", interface: "org.example.I", member });
    await client.call(daemonCall("GetId", "", []));
  }
  await bluez.call(daemonCall("ReleaseName", "s", ["org.bluez"]));
  bluez.send({ kind: "signal", destination, path: "/", interface: "org.example.I", member: "Late" });
  await bluez.call(daemonCall("RequestName", "su", ["org.bluez", 0]));
  bluez.send({ kind: "signal", destination, path: "/", interface: "org.example.I", member: "Last" });
  await until("the last signal", () => listener.stdout.some((line) => line.startsWith("Last")));
  const ofService = listener.stdout.filter((line) => line.includes(" of :"));
  assert.deepEqual(ofService, [`True of ${bluez.name}`, `Last of ${bluez.name}`]);
});
