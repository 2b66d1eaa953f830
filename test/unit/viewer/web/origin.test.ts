import assert from "node:assert/strict";
import { test } from "node:test";
import { clientKey, isLoopback } from "../../../../viewer/web/network-address.ts";
import { checkHost, checkSite, namesOf } from "../../../../viewer/web/origin.ts";

const NAMES = namesOf("Shed.example.net", ["house.lan"]);

const HOSTS: readonly [string | undefined, number | "allowed"][] = [
  ["127.0.0.1:8470", "allowed"],
  ["192.168.1.7:8470", "allowed"],
  ["[::1]:8470", "allowed"],
  ["[fe80::1]", "allowed"],
  ["localhost:8470", "allowed"],
  ["LOCALHOST", "allowed"],
  ["localhost.", "allowed"],
  ["shed", "allowed"],
  ["shed.example.net:8470", "allowed"],
  ["shed.local:8470", "allowed"],
  ["house.lan", "allowed"],
  ["attacker.example", 403],
  ["shed.attacker.example", 403],
  ["localhost.attacker.example", 403],
  ["127.0.0.1.attacker.example", 403],
  ["127.0.0.1.nip.example", 403],
  ["0x7f000001", 403],
  ["2130706433", 403],
  ["127.1", 403],
  ["[attacker]", 400],
  ["a@127.0.0.1", 400],
  ["127.0.0.1:8470, attacker.example", 400],
  ["127.0.0.1/x", 400],
  ["", 400],
  [undefined, 400],
];
for (const [host, expected] of HOSTS) {
  test(`Host ${JSON.stringify(host)}: ${expected}`, () => {
    if (expected === "allowed") checkHost(host, NAMES);
    else assert.throws(() => checkHost(host, NAMES), { status: expected });
  });
}

const LINK = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const SITES: readonly [string, object, string, boolean][] = [
  ["a program", {}, "/api/v1/house", true],
  ["the address bar", { "sec-fetch-site": "none", ...LINK }, "/", true],
  ["the page itself", { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1:8470" }, "/events", true],
  ["a link on another site", { "sec-fetch-site": "cross-site", ...LINK }, "/", true],
  ["a link to data on another site", { "sec-fetch-site": "cross-site", ...LINK }, "/export.csv", false],
  ["a frame", { "sec-fetch-site": "cross-site", ...LINK, "sec-fetch-dest": "iframe" }, "/", false],
  ["an image on another site", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, "/", false],
  ["a page on another port", { "sec-fetch-site": "same-site" }, "/api/v1/house", false],
  ["a script of another site", { origin: "http://attacker.example" }, "/api/v1/house", false],
  ["a script of another port", { origin: "http://127.0.0.1:3000" }, "/api/v1/house", false],
  ["a sandboxed frame", { origin: "null" }, "/api/v1/house", false],
];
for (const [about, headers, path, isAllowed] of SITES) {
  test(`${about} ${isAllowed ? "gets" : "does not get"} ${path}`, () => {
    const check = () => checkSite({ host: "127.0.0.1:8470", ...headers }, path);
    if (isAllowed) check();
    else assert.throws(check, { status: 403 });
  });
}

const ADDRESSES: readonly [string, string, boolean][] = [
  ["127.0.0.1", "127.0.0.1", true],
  ["127.9.8.7", "127.9.8.7", true],
  ["::ffff:127.0.0.1", "127.0.0.1", true],
  ["::1", "0:0:0:0", true],
  ["0.0.0.0", "0.0.0.0", false],
  ["::", "0:0:0:0", false],
  ["192.168.1.7", "192.168.1.7", false],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2", false],
  ["2001:db8::6", "2001:db8:0:0", false],
  ["fe80::1%eth0", "fe80:0:0:0", false],
];
for (const [address, key, isOwn] of ADDRESSES) {
  test(`${address} is counted as ${key} and is ${isOwn ? "" : "not "}a loopback address`, () => {
    assert.equal(clientKey(address), key);
    assert.equal(isLoopback(address), isOwn);
  });
}
