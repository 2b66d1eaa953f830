import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultEndpoint, endpointPath } from "../../../../common/wire/endpoint.ts";

const nowhere = () => false;

test("services meet in /run/bms where it may be entered", () => {
  const asked: string[] = [];
  const endpoint = defaultEndpoint({ XDG_RUNTIME_DIR: "/run/user/1000" }, 1000, (folder) => asked.push(folder) > 0);
  assert.equal(endpoint, "ipc:///run/bms/readings.sock");
  assert.deepEqual(asked, ["/run/bms"]);
});

test("a user's programs meet in the user's runtime folder, else in /tmp", () => {
  assert.equal(
    defaultEndpoint({ XDG_RUNTIME_DIR: "/run/user/1000" }, 1000, nowhere),
    "ipc:///run/user/1000/bms/readings.sock",
  );
  assert.equal(defaultEndpoint({}, 1000, nowhere), "ipc:///tmp/bms-1000/readings.sock");
  assert.equal(defaultEndpoint({ XDG_RUNTIME_DIR: "" }, 0, nowhere), "ipc:///tmp/bms-0/readings.sock");
});

test("an endpoint names the path of a socket", () => {
  assert.equal(endpointPath("ipc:///run/bms/readings.sock"), "/run/bms/readings.sock");
});

const REFUSED = [
  "",
  "/run/bms/readings.sock",
  "ipc://",
  "ipc://readings.sock",
  "ipc:///run/bms/",
  "tcp://127.0.0.1:5555",
];

for (const endpoint of REFUSED) {
  test(`"${endpoint}" is no endpoint`, () => {
    assert.throws(() => endpointPath(endpoint), /is not of the form ipc:\/\/\/path\/to\/socket/);
  });
}

test("a path that Linux would cut is refused, counted in bytes", () => {
  assert.equal(endpointPath(`ipc:///${"a".repeat(106)}`).length, 107);
  assert.throws(() => endpointPath(`ipc:///${"a".repeat(107)}`), /108 bytes long, Linux allows 107/);
  assert.throws(() => endpointPath(`ipc:///${"ü".repeat(54)}`), /109 bytes long/);
});
