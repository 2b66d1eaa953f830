import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { decodeThornwaveV1 } from "../../../agent/drivers/thornwave/value.ts";
import { openRadio } from "../../../agent/radio/open-radio.ts";
import { systemClock } from "../../../common/runtime/clock.ts";
import { silentLog } from "../../../common/runtime/log.ts";
import { STOP_SIGNALS } from "../../../common/runtime/stop-signals.ts";
import { connectSimulator } from "../../../simulator/control-client.ts";
import { type Program, startProgram } from "../../../simulator/program.ts";

const LISTENING = /listening at .*: (\d+) devices/;

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "bms-simulator-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

/** The simulator as a process, listening. */
async function running(t: TestContext, ...args: readonly string[]): Promise<{ simulator: Program; socket: string }> {
  const socket = join(await folder(t), "simulator.sock");
  const simulator = startProgram("simulator", ["--socket", socket, ...args]);
  t.after(() => simulator.stop());
  await simulator.logged(LISTENING);
  return { simulator, socket };
}

async function outcome(...args: readonly string[]) {
  const simulator = startProgram("simulator", args);
  const { code } = await simulator.ended;
  return { code, stdout: simulator.stdout.join("\n"), stderr: simulator.stderr };
}

const WRONG: readonly [about: string, args: readonly string[], message: RegExp][] = [
  ["no socket", ["--jbd", "1"], /no socket: give --socket PATH/],
  ["no devices", ["--socket", "/tmp/simulator.sock"], /no devices: give .*--jbd N/],
  ["an invalid count", ["--socket", "/tmp/simulator.sock", "--jbd", "few"], /whole number/],
  ["an invalid latency", ["--socket", "/tmp/simulator.sock", "--jbd", "1", "--latency", "-3"], /--latency/],
  ["an unknown option", ["--socket", "/tmp/simulator.sock", "--jbd", "1", "--loud"], /unknown option '--loud'/],
  ["an unknown command", ["fly"], /too many arguments|unknown command/],
  ["an unknown fault", ["--socket", "/tmp/simulator.sock", "--jbd", "1", "--fault", "all=fire"], /no fault "fire"/],
  [
    "a fault for an unknown device",
    ["--socket", "/tmp/simulator.sock", "--jbd", "1", "--fault", "A4:C1:37:00:00:02=occupied"],
    /A4:C1:37:00:00:02, which is not simulated/,
  ],
  [
    "a device of unknown kind",
    ["--socket", "/tmp/simulator.sock", "--device", "A4:C1:37:00:00:02=jbd5"],
    /ADDRESS=KIND/,
  ],
  [
    "one device twice",
    ["--socket", "/tmp/simulator.sock", "--house", "--thornwave", "1"],
    /C0:00:00:00:00:01 is given twice/,
  ],
  [
    "a log that cannot be written",
    ["--socket", "/tmp/simulator.sock", "--jbd", "1", "--log", "/nonexistent/log"],
    /cannot write the log/,
  ],
  ["nothing to set", ["set", "--socket", "/tmp/simulator.sock"], /missing required argument 'device'/],
];
for (const [about, args, message] of WRONG) {
  test(`${about}: one line on stderr, exit status 2`, async () => {
    const { code, stdout, stderr } = await outcome(...args);
    assert.deepEqual({ code, stdout, lines: stderr.length }, { code: 2, stdout: "", lines: 1 });
    assert.match(stderr[0] ?? "", message);
  });
}

test("--help teaches devices, faults and the running simulator, on stdout", async () => {
  const { code, stdout } = await outcome("--help");
  assert.equal(code, 0);
  for (const word of [
    "A4:C1:37:00:00:01",
    "lose-last",
    "set --socket PATH DEVICE FAULT",
    '"fault":"lose-last"',
    "--seed",
  ]) {
    assert.ok(stdout.includes(word), word);
  }
});

for (const signal of STOP_SIGNALS) {
  test(`${signal} ends it cleanly and removes its socket`, async (t) => {
    const { simulator, socket } = await running(t, "--house");
    assert.ok((await stat(socket)).isSocket(), "it listens");
    assert.deepEqual(await simulator.stop(signal), { code: 0, signal: null });
    await assert.rejects(stat(socket), { code: "ENOENT" });
  });
}

test("a second simulator at the same socket is refused; the first one goes on", async (t) => {
  const { socket } = await running(t, "--jbd", "1");
  const { code, stderr } = await outcome("--socket", socket, "--jbd", "1");
  assert.equal(code, 1);
  assert.deepEqual(stderr.length, 1);
  assert.match(stderr[0] ?? "", /is in use: stop the simulator that listens there/);
  const client = await connectSimulator(socket);
  assert.equal((await client.status()).length, 1);
  client.close();
});

test("devices, faults, latency and log are as given, and the command line can change a running simulator", async (t) => {
  const log = join(await folder(t), "answers.jsonl");
  const { simulator, socket } = await running(
    t,
    ...["--jbd", "2", "--device", "C0:FF:EE:00:00:01=v2", "--log", log, "--latency", "5"],
    ...["--fault", "all=delay:ms=1", "--fault", "A4:C1:37:00:00:01=occupied"],
  );
  assert.match(await simulator.logged(LISTENING), /3 devices/);
  assert.equal((await outcome("set", "--socket", socket, "C0:FF:EE:00:00:01", "short-link")).code, 0);
  assert.equal((await outcome("clear", "--socket", socket, "A4:C1:37:00:00:02")).code, 0);
  assert.equal((await outcome("alarm", "--socket", socket, "A4:C1:37:00:00:02", "ovp")).code, 0);
  assert.equal((await outcome("drop", "--socket", socket, "all", "13")).code, 0);
  const refused = await outcome("alarm", "--socket", socket, "all", "ovp");
  assert.deepEqual([refused.code, refused.stderr.length], [1, 1]);
  const { stdout } = await outcome("status", "--socket", socket);
  assert.deepEqual(
    stdout.split("\n").map((line) => JSON.parse(line).faults),
    [["occupied", "delay:ms=1"], [], ["short-link", "delay:ms=1"]],
  );
  assert.equal(await readFile(log, "utf8"), "");
});

test("each answer that a radio gets from the running simulator is in the log at once", async (t) => {
  const log = join(await folder(t), "answers.jsonl");
  const { socket } = await running(t, "--jbd", "1", "--thornwave", "1", "--log", log, "--latency", "1");
  const radio = await openRadio({ kind: "simulated", simulator: socket }, { clock: systemClock, log: silentLog });
  t.after(() => radio.close());
  const link = await radio.connect("C0:00:00:00:00:01", new AbortController().signal);
  const value = await link.read({
    service: "7a95ce00-0ea8-1bcc-71a2-fc7539b81c9c",
    characteristic: "7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c",
  });
  const { at, took, ...answer } = JSON.parse(await readFile(log, "utf8"));
  const { clock: _, ...sample } = decodeThornwaveV1(value);
  assert.deepEqual(answer, { device: "C0:00:00:00:00:01", register: "v1", sample });
  assert.ok(Number.isInteger(at) && Number.isInteger(took), `${at}, ${took}`);
});
