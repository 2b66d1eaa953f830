import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { checkOutput, checkOutputs } from "../../../../aggregator/check/check.ts";
import type { OutputUrl } from "../../../../aggregator/outputs/output-url.ts";
import { explainSocketFault } from "../../../../aggregator/outputs/socket-fault.ts";
import { startProcess } from "../../../../simulator/program.ts";
import { listen } from "../../../support/listener.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test("an output that can be written to has no fault", async (t) => {
  const { path } = await listen(t);
  assert.equal(await checkOutput(`unix://${path}`), undefined);
  assert.equal(await checkOutput("-"), undefined);
});

test("a missing socket, a missing folder and a file in its place are told apart", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "file");
  await writeFile(file, "");
  assert.match((await checkOutput(`unix://${folder}/none.sock`)) ?? "", /there is no .*: start Telegraf/);
  assert.match((await checkOutput(`unix://${file}`)) ?? "", /is not a socket: remove what stands there/);
  assert.match((await checkOutput(`unix://${file}/deeper.sock`)) ?? "", /is not a folder: correct the path/);
});

test("a socket that its owner left behind is told", async (t) => {
  const path = join(await temporaryFolder(t), "telegraf.sock");
  const owner = startProcess(process.execPath, [
    "-e",
    `require("node:net").createServer().listen(${JSON.stringify(path)}, () => console.error("listens"))`,
  ]);
  t.after(() => owner.stop("SIGKILL"));
  await owner.logged(/listens/);
  assert.equal(await checkOutput(`unix://${path}`), undefined);
  await owner.stop("SIGKILL");
  assert.match((await checkOutput(`unix://${path}`)) ?? "", /nobody listens on .*; start Telegraf/);
});

test("a socket without permission is told, with the setting that gives it", async (t) => {
  const { path } = await listen(t);
  await chmod(dirname(path), 0o755);
  await chmod(path, 0o555);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.("nobody");
  try {
    assert.match((await checkOutput(`unix://${path}`)) ?? "", /no permission to write to .*: set socket_mode = "0660"/);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test("datagrams are told from streams", () => {
  assert.match(explainSocketFault("EPROTOTYPE", "/run/telegraf/bms.sock"), /takes datagrams: let service_address/);
});

test("of a socket its Telegraf is examined too, of stdout nothing; each line is said once", async (t) => {
  const { path } = await listen(t);
  const configuration = join(await temporaryFolder(t), "telegraf.conf");
  await writeFile(configuration, "[[outputs.discard]]\n");
  const said: string[] = [];
  const check = (...outputs: OutputUrl[]) =>
    checkOutputs({ outputs, settleMs: 30_000, telegrafConfig: [configuration] }, (line) => said.push(line));
  assert.equal(await check("-"), true);
  assert.deepEqual(said.splice(0), ["-: OK"]);
  assert.equal(await check(`unix://${path}`, `unix://${path}`), false);
  assert.equal(said[0], `unix://${path}: OK`);
  assert.deepEqual(
    said.filter((line) => line.startsWith("fault: ")).map((line) => line.split(" in ")[0]),
    [`fault: no socket_listener for unix://${path}`],
  );
});
