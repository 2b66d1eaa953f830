// What another user of the machine can and cannot do to agents and aggregator. Needs root and a /run of its own:
// test/system/users/run.
import assert from "node:assert/strict";
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { lockName } from "../../../common/runtime/process-lock.ts";
import { nodeArchitecture, shippedModules } from "../../../scripts/package/native-modules.ts";
import { csvRows, type Row } from "../../../simulator/csv-rows.ts";
import { type Program, startProcess } from "../../../simulator/program.ts";
import { until } from "../../support/until.ts";
import { bundlePrograms, ROOT } from "../machine/programs.ts";

type User = { readonly uid: number; readonly gid: number };
const ROOT_USER: User = { uid: 0, gid: 0 };
/** Stands for user and group bms. */
const SERVICE: User = { uid: 64_001, gid: 64_001 };
/** In no group of the service. */
const STRANGER: User = { uid: 64_002, gid: 64_002 };
const PACK = "A4:C1:37:00:00:01";
const SECOND = "A4:C1:37:00:00:02";
const RUN = "/run/bms";

/** The programs, where every user may read them. */
const project = mkdtempSync(join(tmpdir(), "bms-users-"));
const simulatorSocket = join(project, "simulator/socket");

before(async () => {
  assert.deepEqual(readdirSync("/run"), [], "/run is not an empty one of this test's: start test/system/users/run");
  chmodSync(project, 0o755);
  const modules = shippedModules(nodeArchitecture()).map((name) => `node_modules/${name}`);
  for (const path of ["dist", ...modules]) cpSync(join(ROOT, path), join(project, path), { recursive: true });
  await bundlePrograms(project, { "stranger-listener": "test/system/users/stranger-listener.ts" });
  mkdirSync(join(project, "simulator"));
});

after(() => rmSync(project, { recursive: true }));

/** Starts a program as a user; killed with the test. */
function start(t: TestContext, user: User, program: string, args: readonly string[], onLine = (_line: string) => {}) {
  const env = { BMS_SIMULATOR: simulatorSocket, BMS_RADIO: "simulated", XDG_RUNTIME_DIR: "" };
  const started = startProcess(process.execPath, [join(project, program), ...args], { user, env, onLine });
  t.after(() => started.stop("SIGKILL"));
  return started;
}

const agent = (t: TestContext, user: User, address: string, ...args: string[]) =>
  start(t, user, "dist/bms-agent.js", ["-b", address, "-i", "0.2", "-m", address.at(-1) ?? "", ...args]);

async function startSimulator(t: TestContext): Promise<void> {
  const simulator = start(t, ROOT_USER, "dist/simulator.js", ["--socket", simulatorSocket, "--jbd", "2"]);
  await simulator.logged(/listening/);
  chmodSync(simulatorSocket, 0o666);
}

/** The service's aggregator in /run/bms, as tmpfiles.d makes that, and its rows. */
async function startHouse(t: TestContext): Promise<readonly Row[]> {
  mkdirSync(RUN, { mode: 0o750 });
  chmodSync(RUN, 0o750);
  chownSync(RUN, SERVICE.uid, SERVICE.gid);
  t.after(() => rmSync(RUN, { recursive: true }));
  await startSimulator(t);
  const rows: Row[] = [];
  const args = ["--output", "-"];
  const aggregator = start(
    t,
    SERVICE,
    "dist/bms-aggregator.js",
    args,
    csvRows((row) => rows.push(row)),
  );
  await aggregator.logged(/listening on ipc:\/\/\/run\/bms\/readings.sock/);
  return rows;
}

const answered = (rows: readonly Row[], meter: string) =>
  rows.filter((row) => row.meter === meter && row.online === "1").length;

/** The exit status of a program that ends by itself, and its last line without time and level. */
async function end(program: Program): Promise<readonly [code: number | null, line: string]> {
  const { code } = await program.ended;
  assert.equal(program.stderr.filter((line) => /^\s+at /.test(line)).length, 0, program.stderr.join("\n"));
  return [code, (program.stderr.at(-1) ?? "").replace(/^.*? (WARN|ERROR) \S+: /, "")];
}

test("root and the service share locks and endpoint", async (t) => {
  const rows = await startHouse(t);
  agent(t, SERVICE, PACK);
  agent(t, ROOT_USER, SECOND);
  await until("readings of both", () => answered(rows, "1") > 1 && answered(rows, "2") > 1);
  for (const [user, address] of [
    [ROOT_USER, PACK],
    [SERVICE, SECOND],
  ] as const) {
    const [code, line] = await end(agent(t, user, address));
    assert.equal(code, 1);
    assert.match(line, /is read by another bms-agent on this machine/);
  }
});

test("a stranger cannot hold, read or reach a lock, and is told what to do", async (t) => {
  const rows = await startHouse(t);
  agent(t, SERVICE, PACK);
  await until("a reading", () => answered(rows, "1") > 0);
  const [code, line] = await end(agent(t, STRANGER, SECOND));
  assert.deepEqual(
    [code, /\/run\/bms is closed to this user: use sudo, join the group bms/.test(line)],
    [1, true],
    line,
  );
  const [infoCode, infoLine] = await end(
    start(t, STRANGER, "dist/bms-agent.js", ["info", "-b", SECOND, "--radio", "bluez"]),
  );
  assert.equal(infoCode, 1, infoLine);
  assert.match(infoLine, /nothing can be locked in \/run\/bms\/locks \(EACCES\): use sudo, or join the group bms/);

  const reach = `
    const fs = require("fs"), net = require("net");
    const codes = [];
    const refused = (work) => { try { work(); codes.push("done"); } catch (error) { codes.push(error.code); } };
    refused(() => fs.readdirSync("${RUN}"));
    refused(() => fs.openSync("${RUN}/locks/${lockName(`device ${PACK} on ${simulatorSocket}`)}", "r"));
    refused(() => fs.writeFileSync("${RUN}/locks/own", ""));
    refused(() => fs.rmSync("${RUN}/locks", { recursive: true }));
    net.connect("${RUN}/readings.sock").on("error", (error) => {
      codes.push(error.code);
      console.log(codes.join());
    }).on("connect", () => console.log("connected"));`;
  const stranger = startProcess(process.execPath, ["-e", reach], { user: STRANGER });
  await stranger.ended;
  assert.equal(stranger.stdout.join(), "EACCES,EACCES,EACCES,EACCES,EACCES", stranger.stderr.join("\n"));
  const count = answered(rows, "1");
  await until("two more readings", () => answered(rows, "1") >= count + 2);
});

/** Listens in the aggregator's place. */
async function startStranger(t: TestContext, path: string): Promise<Program> {
  const listener = start(t, STRANGER, "stranger-listener.js", [path]);
  await until("the stranger's listener", () => listener.stdout.includes("listening"));
  return listener;
}

for (const [about, owner, fault] of [
  ["its directory is a stranger's", STRANGER, /belongs to another user \(uid 64002\)/],
  ["strangers may write to its directory", ROOT_USER, /runs as another user \(uid 64002\)/],
] as const) {
  test(`an agent sends nothing to an endpoint when ${about}, and keeps its readings`, async (t) => {
    const shared = mkdtempSync(join(tmpdir(), "bms-shared-"));
    chmodSync(shared, 0o1777);
    t.after(() => rmSync(shared, { recursive: true }));
    const directory = join(shared, "bms-0");
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    chownSync(directory, owner.uid, owner.gid);
    const path = join(directory, "readings.sock");
    await startSimulator(t);
    const stranger = await startStranger(t, path);
    const spool = join(shared, "spool");
    const reader = agent(t, ROOT_USER, PACK, "--endpoint", `ipc://${path}`, "--spool", spool, "--log-level", "debug");
    assert.match(await reader.logged(/not sent to it/), fault);
    await until("some polls", () => reader.stderr.filter((line) => /connected to|answer after/.test(line)).length > 0);

    await stranger.stop("SIGKILL");
    rmSync(directory, { recursive: true });
    const rows: Row[] = [];
    const args = ["--output", "-", "--endpoint", `ipc://${path}`];
    start(
      t,
      ROOT_USER,
      "dist/bms-aggregator.js",
      args,
      csvRows((row) => rows.push(row)),
    );
    await until("every reading", () => answered(rows, "1") > 5);
    assert.deepEqual(stranger.stdout, ["listening"]);
    assert.equal(rows.find(({ meter }) => meter === "1")?.polls, "1");
    assert.equal(reader.stderr.filter((line) => /not sent to it|no aggregator answers/.test(line)).length, 1);
  });
}

test("an aggregator does not use a stranger's directory, nor one in which it may not create a socket", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "bms-shared-"));
  t.after(() => rmSync(directory, { recursive: true }));
  chownSync(directory, STRANGER.uid, STRANGER.gid);
  const listen = (user: User, path: string) =>
    end(start(t, user, "dist/bms-aggregator.js", ["--output", "-", "--endpoint", `ipc://${path}`]));
  assert.deepEqual(await listen(ROOT_USER, join(directory, "readings.sock")), [
    1,
    `${directory} belongs to another user (uid 64002): choose another --endpoint`,
  ]);
  for (const path of ["/root/readings.sock", "/usr/readings.sock"]) {
    const [code, line] = await listen(STRANGER, path);
    assert.deepEqual(
      [code, line],
      [
        1,
        `cannot listen on ${path}, this user may not create a socket in ${join(path, "..")} (EACCES): choose another --endpoint`,
      ],
    );
  }
});

test("where bms is not installed, a stranger who floods the names of locks stops no agent", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "bms-users-spool-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "note"), "");
  await startSimulator(t);
  const rows: Row[] = [];
  const endpoint = ["--endpoint", `ipc://${join(folder, "readings.sock")}`];
  start(
    t,
    ROOT_USER,
    "dist/bms-aggregator.js",
    ["--output", "-", ...endpoint],
    csvRows((row) => rows.push(row)),
  );
  agent(t, ROOT_USER, PACK, ...endpoint);
  await until("a reading", () => answered(rows, "1") > 0);
  const name = `bms-${lockName(`device ${PACK} on ${simulatorSocket}`)}`;
  const flood = `
    const net = require("net");
    let closed = 0;
    for (let i = 0; i < 600; i++) {
      net.connect({ path: "\\0${name}" }).on("error", () => {}).on("close", () => {
        closed += 1;
        if (closed === 600) console.log("all closed");
      }).write("0\\n".repeat(10_000));
    }`;
  const stranger = startProcess(process.execPath, ["-e", flood], { user: STRANGER });
  await until("the end of all connections", () => stranger.stdout.includes("all closed"));
  const count = answered(rows, "1");
  await until("two more readings", () => answered(rows, "1") >= count + 2);
});
