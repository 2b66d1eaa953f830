import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const folder = join(import.meta.dirname, "../../../../dist/page");

test("the page is small enough for a slow link", (t) => {
  const files = readdirSync(folder).map((name) => {
    const bytes = readFileSync(join(folder, name));
    return { name, raw: bytes.length, zipped: gzipSync(bytes, { level: 9 }).length };
  });
  const total = files.reduce((sum, { zipped }) => sum + zipped, 0);
  t.diagnostic(files.map(({ name, raw, zipped }) => `${name} ${raw} bytes, ${zipped} by gzip`).join("; "));
  assert.deepEqual(files.map(({ name }) => name).sort(), ["icon.svg", "index.html", "page.css", "page.js"]);
  assert.ok(total < 45_000, `${total} bytes by gzip`);
});

test("the page names no other host", () => {
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), "utf8");
    const hosts = [...text.matchAll(/https?:\/\/[^\s"'`)]+/g)].map(([url]) => url);
    assert.deepEqual(
      hosts.filter((url) => !url.startsWith("http://www.w3.org/")),
      [],
      name,
    );
  }
});
