import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultEndpoint, EndpointError, endpointPath } from "../../../../common/wire/endpoint.ts";

const nowhere = () => "missing" as const;

test("services use /run/bms if it may be entered", () => {
  const asked: string[] = [];
  const endpoint = defaultEndpoint({ XDG_RUNTIME_DIR: "/run/user/1000" }, 1000, (folder) => {
    asked.push(folder);
    return "granted";
  });
  assert.equal(endpoint, "ipc:///run/bms/readings.sock");
  assert.deepEqual(asked, ["/run/bms"]);
});

test("a user to whom /run/bms is closed gets no endpoint apart from the services", () => {
  assert.throws(
    () => defaultEndpoint({ XDG_RUNTIME_DIR: "/run/user/1000" }, 1000, () => "denied"),
    (error) =>
      error instanceof EndpointError && /closed to this user: use sudo, join the group bms/.test(error.message),
  );
});

test("a user's programs use the user's runtime directory, otherwise /tmp", () => {
  assert.equal(
    defaultEndpoint({ XDG_RUNTIME_DIR: "/run/user/1000" }, 1000, nowhere),
    "ipc:///run/user/1000/bms/readings.sock",
  );
  assert.equal(defaultEndpoint({}, 1000, nowhere), "ipc:///tmp/bms-1000/readings.sock");
  assert.equal(defaultEndpoint({ XDG_RUNTIME_DIR: "" }, 0, nowhere), "ipc:///tmp/bms-0/readings.sock");
});

test("the path of an endpoint", () => {
  assert.equal(endpointPath("ipc:///run/bms/readings.sock"), "/run/bms/readings.sock");
});

const INVALID = [
  "",
  "/run/bms/readings.sock",
  "ipc://",
  "ipc://readings.sock",
  "ipc:///run/bms/",
  "tcp://127.0.0.1:5555",
];

for (const endpoint of INVALID) {
  test(`"${endpoint}" is not an endpoint`, () => {
    assert.throws(() => endpointPath(endpoint), /is not of the form ipc:\/\/\/path\/to\/socket/);
  });
}

test("a path that Linux would truncate is rejected; it is measured in bytes", () => {
  assert.equal(endpointPath(`ipc:///${"a".repeat(105)}`).length, 106);
  assert.throws(() => endpointPath(`ipc:///${"a".repeat(106)}`), /107 bytes long, at most 106 fit/);
  assert.throws(() => endpointPath(`ipc:///${"ü".repeat(54)}`), /109 bytes long/);
});
