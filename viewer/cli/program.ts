import { join } from "node:path";
import { defineCommand } from "../../common/cli/command.ts";
import type { Program } from "../../common/cli/command-line.ts";
import { connectNotify } from "../../common/systemd/notify.ts";
import { activatedDescriptors } from "../../common/systemd/socket-activation.ts";
import { defaultEndpoint, feedEndpoint } from "../../common/wire/endpoint.ts";
import { subscribeFeed } from "../../common/wire/feed-subscriber.ts";
import { openAlertConfig } from "../alerts/config-file.ts";
import { serve } from "../serve.ts";
import { VIEWER_OPTIONS } from "./options.ts";
import { tokenOf } from "./token.ts";

const LOOPBACK = { host: "127.0.0.1", port: 8470 };
/** The page's files are beside the folder of the built code. */
const PAGE = join(import.meta.dirname, "../page");
const SERVICE_DIRECTORIES = ["/run/bms", "/run/bms-agent"];

const run = defineCommand({
  name: "",
  about:
    "Shows the readings of all batteries as a page, with history, alerts and metrics. It only watches: nothing waits for it, and nothing can be changed through it.",
  options: VIEWER_OPTIONS,
  examples: [
    ["bms-viewer", "show the page at http://127.0.0.1:8470/"],
    ["bms-viewer --http 0.0.0.0:8470", "show it in the network, to those who have the token"],
  ],
  read: ({ values }) => values,
  async run(options, { env, uid, clock, random, stop, createLog }) {
    const log = createLog(options.logLevel, "bms-viewer");
    const notify = await connectNotify(env, stop, { clock, log });
    const { http = LOOPBACK, status = SERVICE_DIRECTORIES, feed = feedEndpoint(defaultEndpoint(env, uid)) } = options;
    const directory = options.history ?? (env.STATE_DIRECTORY || undefined);
    const history = { directory, megabytes: options.historyMb };
    const { hostName: hostNames = [] } = options;
    const activated = activatedDescriptors(env, process.pid).map((fd) => ({ fd }));
    const listenOn = activated.length > 0 ? activated : [http];
    const token = (isLoopback: boolean) => tokenOf(options, { isLoopback, env, log });
    const web = { listenOn, page: PAGE, hostNames, token };
    const alerts = { config: openAlertConfig(options.alerts, log), directory };
    await serve({ web, status, feed, history, alerts }, { subscribe: subscribeFeed, notify, clock, random, log, stop });
    return 0;
  },
});

export const VIEWER: Program = { name: "bms-viewer", commands: [run] };
