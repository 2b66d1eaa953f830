// CHANGELOG.md in the format of Debian's changelogs (deb-changelog(5)).

const RELEASE = /^## (\d\S*) \((\d{4}-\d\d-\d\d)\)$/;
const WIDTH = 79;

/** Converts `## 1.2.3 (2026-01-31)` headings and the bullets below them; the newest release is first in both. */
export function debianChangelog(markdown: string, name: string, maintainer: string): string {
  const releases = markdown.split(/^(?=## )/m).flatMap((section) => {
    const [heading = "", ...lines] = section.split("\n");
    const [, version, day] = RELEASE.exec(heading) ?? [];
    return version && day ? [{ version, day, bullets: bulletsOf(lines) }] : [];
  });
  if (releases.length === 0) throw new Error("CHANGELOG.md has no heading like `## 1.2.3 (2026-01-31)`");
  return releases
    .map(({ version, day, bullets }, at) => {
      // Each entry must be later than the one below it. A day may have several releases: each gets an hour of its own.
      const hour = releases.slice(at + 1).filter((older) => older.day === day).length;
      const date = new Date(Date.parse(`${day}T00:00:00Z`) + hour * 3_600_000).toUTCString().replace("GMT", "+0000");
      const body = bullets.map(wrapped).join("\n");
      return `${name} (${version}) stable; urgency=medium\n\n${body}\n\n -- ${maintainer}  ${date}\n`;
    })
    .join("\n");
}

/** The text of each bullet, its lines joined. */
function bulletsOf(lines: readonly string[]): string[] {
  const bullets: string[] = [];
  for (const line of lines) {
    if (line.startsWith("- ")) bullets.push(line.slice(2));
    else if (line.startsWith("  ")) bullets.push(`${bullets.pop() ?? ""} ${line.trim()}`);
  }
  return bullets;
}

function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1) ?? "  *"} ${word}`;
    if (lines.length === 0) lines.push(line);
    else if (line.length <= WIDTH) lines[lines.length - 1] = line;
    else lines.push(`    ${word}`);
  }
  return lines.join("\n");
}
