import assert from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { claimEndpoint } from "../../../../aggregator/endpoint/claim-endpoint.ts";
import { EndpointError } from "../../../../common/wire/endpoint.ts";
import { listen } from "../../../support/listener.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const refused = (sentence: RegExp) => (error: unknown) =>
  error instanceof EndpointError && sentence.test(error.message);

test("an endpoint has one holder at a time, by whatever path it is named", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "sub"));
  const first = await claimEndpoint(join(folder, "readings.sock"), "--endpoint");
  await assert.rejects(
    claimEndpoint(`${folder}/sub/../readings.sock`, "--feed"),
    refused(/another bms-aggregator is listening on .*, or choose another --feed$/),
  );
  await first.release();
  await (await claimEndpoint(join(folder, "readings.sock"), "--endpoint")).release();
});

test("a missing directory is created, for its owner alone", async (t) => {
  const folder = join(await temporaryFolder(t), "bms");
  await (await claimEndpoint(join(folder, "readings.sock"), "--endpoint")).release();
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
});

test("a directory that cannot be created is reported", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "file"), "");
  await assert.rejects(
    claimEndpoint(join(folder, "file/bms/readings.sock"), "--endpoint"),
    refused(/cannot be created \(ENOTDIR\)/),
  );
  await assert.rejects(
    claimEndpoint(join(folder, "no/where/readings.sock"), "--endpoint"),
    refused(/cannot be created \(ENOENT\)/),
  );
});

test("another file is never deleted, and the claim on it is released", async (t) => {
  const path = join(await temporaryFolder(t), "readings.sock");
  await writeFile(path, "precious");
  for (let i = 0; i < 2; i += 1)
    await assert.rejects(claimEndpoint(path, "--endpoint"), refused(/is not a socket and will not be replaced/));
  assert.equal(await readFile(path, "utf8"), "precious");
});

test("a socket on which another program listens is not taken over", async (t) => {
  const { path } = await listen(t);
  await assert.rejects(claimEndpoint(path, "--endpoint"), refused(/another program is listening on/));
});

test("a directory that a stranger may have made is not used, and the claim on it is not held", async (t) => {
  const path = join(await temporaryFolder(t), "readings.sock");
  const asked: unknown[] = [];
  const fault = (...question: unknown[]) => {
    asked.push(question);
    return { fault: "/tmp/bms-0 belongs to another user (uid 1666)" };
  };
  await assert.rejects(
    claimEndpoint(path, "--feed", fault),
    refused(/^\/tmp\/bms-0 belongs to another user \(uid 1666\): choose another --feed$/),
  );
  assert.deepEqual(asked, [[path, process.getuid?.()]]);
  await (await claimEndpoint(path, "--endpoint")).release();
});
