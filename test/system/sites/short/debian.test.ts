import { test } from "node:test";
import { serverCommand, without } from "../../telegraf/server.ts";
import { shortRun } from "../short-run.ts";

test("Debian's nats-server", { skip: without("influxd", "nats-server") }, (t) =>
  shortRun(t, { command: serverCommand("nats-server").command, version: "2.9" }),
);
