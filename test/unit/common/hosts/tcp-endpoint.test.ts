import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTcpEndpoint, parseTcpEndpoint } from "../../../../common/hosts/tcp-endpoint.ts";

const VALID: readonly (readonly [endpoint: string, host: string, port: number])[] = [
  ["tcp://house:8471", "house", 8471],
  ["tcp://house.example.:1", "house.example.", 1],
  ["tcp://pi_4.lan:65535", "pi_4.lan", 65_535],
  ["tcp://192.168.1.5:8471", "192.168.1.5", 8471],
  ["tcp://[fd00::5]:8471", "fd00::5", 8471],
  ["tcp://[fe80::1%eth0]:9000", "fe80::1%eth0", 9000],
  ["tcp://0.0.0.0:8471", "0.0.0.0", 8471],
];

for (const [endpoint, host, port] of VALID) {
  test(endpoint, () => {
    assert.deepEqual(parseTcpEndpoint(endpoint), { host, port });
    assert.equal(formatTcpEndpoint({ host, port }), endpoint);
  });
}

test("without a port it is the default one", () => {
  assert.deepEqual(parseTcpEndpoint("tcp://house"), { host: "house", port: 8471 });
  assert.deepEqual(parseTcpEndpoint("tcp://[::1]"), { host: "::1", port: 8471 });
});

const FORM_FAULTS = [
  "tcp://",
  "tcp://:8471",
  "tcp://fd00::5:8471",
  "tcp://[house]:8471",
  "tcp://[192.168.1.5]:8471",
  "tcp://[fd00::5",
  "tcp://[fd00::5]8471",
  "tcp://300.1.1.1:8471",
  "tcp://192.168.1:8471",
  "tcp://house/x:8471",
  "tcp://ho use:8471",
  "tcp://-house:8471",
  "tcp://house..lan:8471",
  `tcp://${"a".repeat(64)}:8471`,
  "tcp://house\n:8471",
  "http://house:8471",
  "ipc:///run/bms/readings.sock",
];

for (const endpoint of FORM_FAULTS) {
  test(`${JSON.stringify(endpoint)} is not of the form`, () => {
    assert.throws(() => parseTcpEndpoint(endpoint), /is not of the form tcp:\/\/HOST:PORT, such as/);
  });
}

for (const port of ["", "0", "65536", "8471/", "-1", "8e3", " 8471", "123456"]) {
  test(`"${port}" is not a port`, () => {
    assert.throws(() => parseTcpEndpoint(`tcp://house:${port}`), /is not a number from 1 to 65535, such as 8471$/);
  });
}
