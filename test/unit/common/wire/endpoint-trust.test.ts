import assert from "node:assert/strict";
import { test } from "node:test";
import { type FileOwners, trustEndpoint } from "../../../../common/wire/endpoint-trust.ts";

const BMS = 990;
const JOE = 1000;
const STRANGER = 1666;

/** Owner and mode of each directory; a link has the path that it leads to. */
const FILES: Readonly<Record<string, readonly [uid: number, mode: number | string]>> = {
  "/": [0, 0o755],
  "/run": [0, 0o755],
  "/run/bms": [BMS, 0o750],
  "/var": [0, 0o755],
  "/var/run": [0, "/run"],
  "/home": [0, 0o755],
  "/home/joe": [JOE, 0o755],
  "/home/stranger": [STRANGER, 0o755],
  "/tmp": [0, 0o1777],
  "/tmp/bms-1000": [JOE, 0o700],
  "/tmp/bms-0": [STRANGER, 0o777],
  "/tmp/link": [STRANGER, "/home/stranger"],
  "/tmp/own": [JOE, "/home/joe"],
  "/tmp/bms-1000/sub": [STRANGER, 0o755],
  "/tmp/hidden": [0, "/tmp/bms-0"],
};

const files: FileOwners = {
  lookAt(path) {
    const [uid, mode] = FILES[path] ?? FILES[files.realPath(path)] ?? [];
    if (uid === undefined || mode === undefined) throw Object.assign(new Error("missing"), { code: "ENOENT" });
    return { uid, mode: typeof mode === "number" ? mode : 0o777, isDirectory: () => typeof mode === "number" };
  },
  realPath(path) {
    for (const [link, [, target]] of Object.entries(FILES)) {
      if (typeof target === "string" && `${path}/`.startsWith(`${link}/`)) return path.replace(link, target);
    }
    return path;
  },
};

for (const [directory, uid, expected] of [
  ["/run/bms", BMS, [0, BMS]],
  ["/run/bms", 0, [0, BMS]],
  ["/run/bms", JOE, [0, JOE, BMS]],
  ["/var/run/bms", 0, [0, BMS]],
  ["/home/joe", 0, [0, JOE]],
  ["/tmp", JOE, [0, JOE]],
  ["/tmp/bms-1000", JOE, [0, JOE]],
  ["/tmp/own", JOE, [0, JOE]],
  ["/run/missing", JOE, [0, JOE]],
  ["/tmp/bms-0", 0, "/tmp/bms-0 belongs to another user (uid 1666)"],
  ["/tmp/bms-1000", 0, "/tmp/bms-1000 belongs to another user (uid 1000)"],
  ["/tmp/bms-1000/sub", JOE, "/tmp/bms-1000/sub belongs to another user (uid 1666)"],
  ["/tmp/link", 0, "/tmp/link belongs to another user (uid 1666)"],
  ["/tmp/hidden", 0, "/tmp/bms-0 belongs to another user (uid 1666)"],
] as const) {
  test(`a socket in ${directory}, for the user ${uid}: ${expected}`, () => {
    const trust = trustEndpoint(`${directory}/readings.sock`, uid, files);
    if (typeof expected === "string") assert.deepEqual(trust, { fault: expected });
    else assert.deepEqual("listeners" in trust && [...trust.listeners].sort(), [...expected].sort());
  });
}
