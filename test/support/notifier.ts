// A program under a service manager: `notifier.ts COUNT` with NOTIFY_SOCKET set. It reports that it is ready and COUNT
// statuses, prints `reported`, and after a line on stdin reports one more. A process of its own, because a send that waits
// stops the whole process.
import { once } from "node:events";
import { createInterface } from "node:readline";
import { systemClock } from "../../common/runtime/clock.ts";
import { createLog } from "../../common/runtime/log.ts";
import { connectNotify } from "../../common/systemd/notify.ts";

const deps = { clock: systemClock, log: createLog("warn") };
const notify = await connectNotify(process.env, new AbortController().signal, deps);
notify.ready();
for (let report = 1; report <= Number(process.argv[2]); report++) notify.status(`report ${report}`);
process.stdout.write("reported\n");
const input = createInterface({ input: process.stdin });
await once(input, "line");
notify.status("the newest");
input.close();
