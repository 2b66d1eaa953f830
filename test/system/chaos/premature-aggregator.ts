// A defective aggregator for the test of the proof: it acknowledges readings as settled once the kernel has accepted them, as
// a simpler design would. Arguments: endpoint, path of Telegraf's socket.
import { randomBytes } from "node:crypto";
import { startAggregator } from "../../../aggregator/aggregator.ts";
import { createRejections } from "../../../aggregator/intake/rejections.ts";
import { openZeromqServer } from "../../../aggregator/intake/zeromq-server.ts";
import { telegrafSink } from "../../../aggregator/outputs/telegraf-socket.ts";
import { systemClock as clock } from "../../../common/runtime/clock.ts";
import { createLog } from "../../../common/runtime/log.ts";

const [endpoint = "", socket = ""] = process.argv.slice(2);
const log = createLog("info", { name: "premature" });
const rejections = createRejections(clock, log);
const receiver = await openZeromqServer(endpoint, rejections.count);
const openTelegraf = telegrafSink(socket);
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
    rejections,
    clock,
    log,
  },
);
await receiver.listen(aggregator.receive);
process.once("SIGTERM", async () => {
  await aggregator.close(1_000);
  await receiver.close();
  rejections.close();
});
log.info(`listening on ${endpoint}, writing to ${socket}`);
