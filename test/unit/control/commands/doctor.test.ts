import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsOf } from "../../../../control/commands/doctor.ts";
import { ok } from "../../../../control/doctor/finding.ts";
import { ServiceError } from "../../../../control/setup/systemd.ts";

test("a check that fails is reported as unknown, so that the others are still done", async () => {
  const fine = [ok("clock", "is synchronised")];
  assert.deepEqual(await findingsOf("clock", Promise.resolve(fine)), fine);
  const [service] = await findingsOf("aggregator", Promise.reject(new ServiceError("no systemd")));
  assert.deepEqual(service, { about: "aggregator", verdict: "unknown", message: "no systemd" });
  const [bug] = await findingsOf("disk", Promise.reject(new TypeError("x is undefined")));
  assert.deepEqual(bug, {
    about: "disk",
    verdict: "unknown",
    message: "could not be checked: TypeError: x is undefined",
  });
});
