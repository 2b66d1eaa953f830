// CHANGELOG.md in the format of Debian's changelogs (deb-changelog(5)).

const RELEASE = /^## (\d\S*) \((\d{4}-\d\d-\d\d)\)$/;

/** Converts `## 1.2.3 (2026-01-31)` headings and the bullets below them; the newest release is first in both. */
export function debianChangelog(markdown: string, name: string, maintainer: string): string {
  const releases = markdown.split(/^(?=## )/m).flatMap((section) => {
    const [heading = "", ...lines] = section.trimEnd().split("\n");
    const [, version, day] = RELEASE.exec(heading) ?? [];
    return version && day ? [{ version, day, lines }] : [];
  });
  if (releases.length === 0) throw new Error("CHANGELOG.md has no heading like `## 1.2.3 (2026-01-31)`");
  return releases
    .map(({ version, day, lines }) => {
      const body = lines.filter((line) => line !== "" && !line.startsWith("#")).map(debianLine);
      const date = new Date(`${day}T00:00:00Z`).toUTCString().replace("GMT", "+0000");
      return `${name} (${version}) stable; urgency=medium\n\n${body.join("\n")}\n\n -- ${maintainer}  ${date}\n`;
    })
    .join("\n");
}

const debianLine = (line: string) => (line.startsWith("- ") ? `  * ${line.slice(2)}` : `    ${line.trim()}`);
