// Runs before every npm script and at the start of every built program, so it has to parse on Node 12 as well.
{
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(
      `bms needs Node 20.19 or newer and this is Node ${process.versions.node}: install a newer one from https://nodejs.org/en/download (Debian 13 has one: apt install nodejs)\n`,
    );
    process.exit(1);
  }
}
