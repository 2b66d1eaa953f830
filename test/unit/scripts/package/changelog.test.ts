import assert from "node:assert/strict";
import { test } from "node:test";
import { debianChangelog } from "../../../../scripts/package/changelog.ts";

const MARKDOWN = `# Changelog

Introduction.

## 1.1.0 (2026-11-27)

### Changed

- One change on two lines that are much longer than the lines of a Debian changelog, which
  are at most 80 characters long.
- Another.

## 1.0.0 (2026-01-02)

- First.
`;

test("releases become stanzas, the newest first", () => {
  assert.equal(
    debianChangelog(MARKDOWN, "bms", "A <a@example.org>"),
    `bms (1.1.0) stable; urgency=medium

  * One change on two lines that are much longer than the lines of a Debian
    changelog, which are at most 80 characters long.
  * Another.

 -- A <a@example.org>  Fri, 27 Nov 2026 00:00:00 +0000

bms (1.0.0) stable; urgency=medium

  * First.

 -- A <a@example.org>  Fri, 02 Jan 2026 00:00:00 +0000
`,
  );
});

test("the releases of one day are an hour apart, the newest last", () => {
  const markdown = ["1.2.0", "1.1.0"].map((version) => `## ${version} (2026-11-27)\n\n- Change.\n`).join("\n");
  const dates = debianChangelog(markdown, "bms", "A <a@example.org>").match(/\d\d:\d\d:\d\d/g);
  assert.deepEqual(dates, ["01:00:00", "00:00:00"]);
});

test("a changelog without a dated release is refused", () => {
  assert.throws(
    () => debianChangelog("# Changelog\n\n## Unreleased\n\n- New.\n", "bms", "A <a@example.org>"),
    /1\.2\.3/,
  );
});
