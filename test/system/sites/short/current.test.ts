import { test } from "node:test";
import { without } from "../../telegraf/server.ts";
import { shortRun } from "../short-run.ts";

test("a current nats-server", { skip: without("influxd") }, (t) =>
  shortRun(t, { command: process.env.TEST_NATS_SERVER ?? "nats-server", version: "2.10" }),
);
