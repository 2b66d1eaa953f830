import assert from "node:assert/strict";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { openZeromqServer } from "../../../../aggregator/intake/zeromq-server.ts";
import { EndpointError, MAX_ENDPOINT_PATH_BYTES } from "../../../../common/wire/endpoint.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test("the socket is for its owner and the group, whatever the umask", async (t) => {
  const path = join(await temporaryFolder(t), "readings.sock");
  for (const umask of [0o000, 0o077]) {
    const before = process.umask(umask);
    const server = await openZeromqServer(`ipc://${path}`, () => {});
    await server.listen(async () => {});
    process.umask(before);
    assert.equal((await stat(path)).mode & 0o777, 0o660);
    await server.close();
  }
});

test("an endpoint of the longest path can be used", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "s".repeat(MAX_ENDPOINT_PATH_BYTES - folder.length - 1));
  const server = await openZeromqServer(`ipc://${path}`, () => {});
  t.after(() => server.close());
  await server.listen(async () => {});
  assert.ok((await stat(path)).isSocket());
});

// ZeroMQ's own limit is 30 s.
test("a connection that never speaks is closed", { timeout: 20_000 }, async (t) => {
  const path = join(await temporaryFolder(t), "readings.sock");
  const server = await openZeromqServer(`ipc://${path}`, () => {});
  t.after(() => server.close());
  await server.listen(async () => {});
  const connection = connect(path);
  t.after(() => connection.destroy());
  connection.on("error", () => {});
  connection.resume();
  await once(connection, "close");
});

// Nobody, not even root, may create a socket there.
for (const path of ["/proc/readings.sock", "/sys/readings.sock"]) {
  test(`an endpoint that cannot be bound is one sentence: ${path}`, async () => {
    const server = await openZeromqServer(`ipc://${path}`, () => {});
    await assert.rejects(
      server.listen(async () => {}),
      (error) =>
        error instanceof EndpointError &&
        /^cannot listen on \S+, .* \(E\w+\): choose another --endpoint$/.test(error.message),
    );
    await server.close();
  });
}
