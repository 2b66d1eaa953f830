import { execFileSync } from "node:child_process";

/** Runs the command nats. Returns what it prints, also what it prints on failure. */
export function runNats(url: string, args: readonly string[]): string {
  try {
    return execFileSync(process.env.TEST_NATS ?? "nats", ["-s", url, "--timeout=2s", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 20_000,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return `${stdout}${stderr}`;
  }
}
