import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { checkOutputs, checkSocket, checkTelegraf } from "../../../../aggregator/check/check.ts";
import { formatFinding, formatReport } from "../../../../aggregator/check/finding.ts";
import { TELEGRAF_CONFIGURATION } from "../../../../aggregator/check/telegraf-paths.ts";
import type { OutputUrl } from "../../../../aggregator/outputs/output-url.ts";
import { explainSocketFault } from "../../../../aggregator/outputs/socket-fault.ts";
import { startProcess } from "../../../../simulator/program.ts";
import { listen } from "../../../support/listener.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const path = process.env.PATH;
before(() => {
  // No telegraf that happens to be installed may take part.
  process.env.PATH = "";
});
after(() => {
  process.env.PATH = path;
});

const textOf = async (socket: string) => (await checkSocket(socket)).map(formatFinding).join("\n");

test("a socket that can be written to has no fault", async (t) => {
  assert.deepEqual(await checkSocket((await listen(t)).path), []);
});

test("a missing socket, a missing directory and a file in its place are distinguished", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "file");
  await writeFile(file, "");
  assert.match(await textOf(`${folder}/none.sock`), /there is no .*: start Telegraf/);
  assert.match(await textOf(file), /is not a socket: remove that file/);
  assert.match(await textOf(`${file}/deeper.sock`), /is not a directory: correct the path/);
});

test("a socket left behind by its owner is reported", async (t) => {
  const socket = join(await temporaryFolder(t), "telegraf.sock");
  const owner = startProcess(process.execPath, [
    "-e",
    `require("node:net").createServer().listen(${JSON.stringify(socket)}, () => console.error("listens"))`,
  ]);
  t.after(() => owner.stop("SIGKILL"));
  await owner.logged(/listens/);
  assert.equal(await textOf(socket), "");
  await owner.stop("SIGKILL");
  assert.match(await textOf(socket), /nobody listens on .*: start Telegraf/);
});

test("a socket without permission is reported, with the setting that gives it", async (t) => {
  const { path: socket } = await listen(t);
  await chmod(dirname(socket), 0o755);
  await chmod(socket, 0o555);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.("nobody");
  try {
    assert.match(await textOf(socket), /no permission to write to .*: set socket_mode = "0660"/);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test("a datagram socket is distinguished from a stream", () => {
  const { message, remedy } = explainSocketFault("EPROTOTYPE", "/run/telegraf/bms.sock");
  assert.match(`${message}: ${remedy}`, /is a datagram socket: let service_address/);
});

test("the report covers each output and the Telegraf behind it, once for people", async (t) => {
  const { path: socket } = await listen(t);
  const configuration = join(await temporaryFolder(t), "telegraf.conf");
  await writeFile(configuration, "[[outputs.discard]]\n");
  const check = (...outputs: OutputUrl[]) =>
    checkOutputs(outputs, { settleMs: 30_000, telegrafConfig: [configuration] });

  const stdout = await checkOutputs(["-"], { settleMs: 30_000 });
  assert.deepEqual(stdout, { version: 1, ok: true, outputs: [{ output: "-", ok: true, findings: [] }] });
  assert.equal(formatReport(stdout), "-: OK\n");
  const centre = await check("-");
  assert.match(formatReport(centre), /^-: OK\nnote: Telegraf's version was not checked/);
  const [beside] = (await check("-", `unix://${socket}`)).outputs;
  assert.deepEqual(beside, { output: "-", ok: true, findings: [] });

  const twice = await check(`unix://${socket}`, `unix://${socket}`);
  assert.deepEqual([twice.ok, ...twice.outputs.map(({ ok }) => ok)], [false, false, false]);
  const lines = formatReport(twice).trimEnd().split("\n");
  assert.equal(lines[0], `unix://${socket}: OK`);
  assert.deepEqual(
    lines.filter((line) => line.startsWith("fault: ")).map((line) => line.split(" in ")[0]),
    [`fault: no socket_listener for unix://${socket}`],
  );
});

/** Beginnings of the findings about a Telegraf that listens elsewhere, in order. */
async function startsOfFindings(folder: string, ...more: string[]) {
  const file = join(folder, "telegraf.conf");
  await writeFile(file, '[[outputs.discard]]\n[[inputs.socket_listener]]\n  service_address = "unix:///a.sock"\n');
  const findings = await checkTelegraf("/b.sock", { settleMs: 30_000, telegrafConfig: [file, ...more] });
  return findings.map(({ level, message }) => `${level} ${message.replace(folder, "").split(":")[0]}`);
}

test("without a telegraf on PATH its version is unknown, and that is reported", async (t) => {
  assert.deepEqual(await startsOfFindings(await temporaryFolder(t)), [
    "fault no socket_listener for unix",
    "note Telegraf's version was not checked",
  ]);
});

test("the version of a telegraf on PATH is checked; a named file that cannot be read is a fault", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "telegraf"), "#!/bin/sh\necho 'Telegraf 1.20.0'\n", { mode: 0o755 });
  process.env.PATH = folder;
  t.after(() => {
    process.env.PATH = "";
  });
  assert.deepEqual(await startsOfFindings(folder, join(folder, "absent.conf")), [
    "fault Telegraf 1.20 is too old",
    "note no socket_listener for unix",
    "fault /absent.conf was not checked",
  ]);
});

test("the configuration of nats-server is read, the first one that can be", async (t) => {
  const folder = await temporaryFolder(t);
  const [telegraf, nats] = [join(folder, "telegraf.conf"), join(folder, "nats.conf")];
  await writeFile(telegraf, '[[outputs.nats]]\n[outputs.nats.jetstream]\nname = "readings"\n');
  await writeFile(nats, "jetstream { store_dir: /tmp }\n");
  const findings = await checkTelegraf(undefined, {
    settleMs: 30_000,
    telegrafConfig: [telegraf],
    natsConfig: [join(folder, "absent.conf"), nats],
  });
  assert.equal(findings.filter(({ message }) => message.startsWith(nats)).length, 2);
});

const HAS_TELEGRAF = TELEGRAF_CONFIGURATION.some((file) => existsSync(file));

test("on a machine without Telegraf one finding says so, and nothing is said about its settings", {
  skip: HAS_TELEGRAF && "Telegraf is installed here",
}, async () => {
  const report = await checkOutputs(["unix:///nowhere/bms.sock"], { settleMs: 30_000 });
  assert.deepEqual(formatReport(report).split("\n"), [
    "unix:///nowhere/bms.sock: there is no /nowhere/bms.sock, and no Telegraf on this machine: install Telegraf 1.33 or newer, and copy telegraf/battery.conf to /etc/telegraf/telegraf.d",
    "",
  ]);
});
