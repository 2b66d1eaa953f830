import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
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

const GREETING = Buffer.alloc(64);
GREETING.set(Buffer.from("ff00000000000000017f03", "hex"));
GREETING.write("NULL", 12);

/** A command of ZMTP's CURVE, where the greeting has named NULL. */
const HELLO = Buffer.from("\x04\x06\x05HELLO", "latin1");

const FAILED: readonly (readonly [client: string, bytes: Uint8Array, hangsUp: boolean, detail: RegExp])[] = [
  ["that hangs up in its handshake", GREETING, true, /^it ended in its handshake \(/],
  ["whose handshake is another one", Buffer.concat([GREETING, HELLO]), false, /^it does not speak ZeroMQ \(/],
];
for (const [client, bytes, hangsUp, expected] of FAILED) {
  test(`a client ${client} is rejected`, async (t) => {
    const path = join(await temporaryFolder(t), "readings.sock");
    const rejected = new EventEmitter();
    const server = await openZeromqServer(`ipc://${path}`, (...rejection) => rejected.emit("client", ...rejection));
    t.after(() => server.close());
    await server.listen(async () => {});
    const rejection = once(rejected, "client");
    const connection = connect(path).on("error", () => {});
    connection.write(bytes);
    if (hangsUp) connection.once("data", () => connection.destroy());
    const [kind, detail] = await rejection;
    connection.destroy();
    assert.equal(kind, "connection");
    assert.match(detail, expected);
  });
}

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
