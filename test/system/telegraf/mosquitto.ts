import type { TestContext } from "node:test";
import { freePort } from "../../support/free-port.ts";
import { startServer } from "./server.ts";

export interface Mosquitto {
  readonly address: string;
  /** Retained messages by topic, as a new subscriber receives them. */
  retained(pattern: string): Promise<Map<string, string>>;
}

export async function startMosquitto(t: TestContext): Promise<Mosquitto> {
  const port = await freePort();
  const broker = startServer(t, "mosquitto", ["-p", String(port), "-v"]);
  await broker.logged(/mosquitto version .* running/);
  return {
    address: `127.0.0.1:${port}`,
    async retained(pattern) {
      const args = ["-p", String(port), "-t", pattern, "--retained-only", "-W", "1", "-F", "%t %p"];
      const subscriber = startServer(t, "mosquitto_sub", args);
      await subscriber.ended;
      return new Map(
        subscriber.stdout.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
      );
    },
  };
}
