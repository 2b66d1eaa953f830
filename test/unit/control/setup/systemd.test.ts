import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExposure, parseUnitNames, parseUnitStates, serviceError } from "../../../../control/setup/systemd.ts";

test("units are separated by empty lines; properties come in any order", () => {
  const text = `Result=success
ExecMainStatus=0
Id=bms-agent@solar.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled

Result=exit-code
ExecMainStatus=2
Id=bms-agent@bms.service
LoadState=loaded
ActiveState=failed
SubState=failed
UnitFileState=enabled

Id=bms-take-back-solar.timer
LoadState=not-found
ActiveState=inactive
SubState=dead
`;
  assert.deepEqual(parseUnitStates(text), [
    {
      unit: "bms-agent@solar.service",
      load: "loaded",
      active: "active",
      sub: "running",
      enabled: "enabled",
      result: "success",
      exit: 0,
    },
    {
      unit: "bms-agent@bms.service",
      load: "loaded",
      active: "failed",
      sub: "failed",
      enabled: "enabled",
      result: "exit-code",
      exit: 2,
    },
    {
      unit: "bms-take-back-solar.timer",
      load: "not-found",
      active: "inactive",
      sub: "dead",
      enabled: "",
      result: "",
      exit: 0,
    },
  ]);
});

test("names are the first words of a list; a template is not a unit", () => {
  const list = `bms-agent@A4:C1:37:00:00:01.service loaded active running Battery agent
bms-agent@.service                  disabled enabled
bms-agent@house-bank.service        enabled  enabled

`;
  assert.deepEqual(parseUnitNames(list), ["bms-agent@A4:C1:37:00:00:01.service", "bms-agent@house-bank.service"]);
});

test("without systemd the error says so, in place of the words of its commands", () => {
  assert.equal(serviceError("Unit x not found", "/").message, "Unit x not found");
  assert.match(
    serviceError("System has not been booted with systemd", "/nowhere").message,
    /^systemd does not run this machine, .*: start bms-aggregator and one bms-agent per battery by hand$/,
  );
});

test("the exposure is in the last line of a report", () => {
  const report = `  NAME                 DESCRIPTION                                   EXPOSURE
✓ PrivateNetwork=      Service has no access to the host's network
✗ UMask=               Files created by service are group-writable        0.1

→ Overall exposure level for bms-agent@solar.service: 1.2 OK 🙂
`;
  assert.equal(parseExposure(report), "1.2 OK");
  assert.equal(parseExposure("Unit bms-agent@solar.service not found."), undefined);
});
