import assert from "node:assert/strict";
import { test } from "node:test";
import { activatedDescriptors } from "../../../../common/systemd/socket-activation.ts";

for (const [about, env, expected] of [
  ["no activation", {}, []],
  ["one socket", { LISTEN_PID: "7", LISTEN_FDS: "1" }, [3]],
  ["two sockets", { LISTEN_PID: "7", LISTEN_FDS: "2" }, [3, 4]],
  ["sockets of the parent process", { LISTEN_PID: "6", LISTEN_FDS: "1" }, []],
  ["no number", { LISTEN_PID: "7", LISTEN_FDS: "one" }, []],
  ["a negative number", { LISTEN_PID: "7", LISTEN_FDS: "-1" }, []],
] as const) {
  test(about, () => assert.deepEqual(activatedDescriptors(env, 7), expected));
}
