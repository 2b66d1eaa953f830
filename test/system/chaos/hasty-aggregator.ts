// An aggregator that acknowledges as settled what the kernel has taken, as a simpler design would: the proof must be able
// to tell it from the real one. Arguments: endpoint, path of Telegraf's socket.
import { randomBytes } from "node:crypto";
import { startAggregator } from "../../../aggregator/aggregator.ts";
import { createRefusals } from "../../../aggregator/intake/rejections.ts";
import { openReceiver } from "../../../aggregator/intake/zeromq-server.ts";
import { telegrafAt } from "../../../aggregator/outputs/telegraf-socket.ts";
import { systemClock as clock } from "../../../common/runtime/clock.ts";
import { createLog } from "../../../common/runtime/log.ts";

const [endpoint = "", socket = ""] = process.argv.slice(2);
const log = createLog("info", { name: "hasty" });
const refusals = createRefusals(clock, log);
const receiver = await openReceiver(endpoint, refusals.count);
const openTelegraf = telegrafAt(socket);
const aggregator = startAggregator(
  [
    {
      name: socket,
      isRequired: true,
      async open() {
        const { write, lost, close } = await openTelegraf();
        return { write, lost, close };
      },
    },
  ],
  0,
  {
    reply: receiver.reply,
    newEpoch: () => randomBytes(8).toString("hex"),
    onEnded: () => {},
    refusals,
    clock,
    log,
  },
);
await receiver.listen(aggregator.take);
process.once("SIGTERM", async () => {
  await aggregator.close(1_000);
  await receiver.close();
  refusals.close();
});
log.info(`takes readings at ${endpoint} and writes them to ${socket}`);
