import { constants } from "node:os";
import { systemClock } from "../common/runtime/clock.ts";
import { createLog } from "../common/runtime/log.ts";
import { UsageError } from "../common/runtime/usage-error.ts";
import { connectNotify } from "../common/systemd/notify.ts";
import manifest from "../package.json" with { type: "json" };
import { checkOutputs } from "./check/check.ts";
import { formatReport } from "./check/finding.ts";
import { readOptions } from "./cli/options.ts";
import { EndpointError } from "./intake/claim-endpoint.ts";
import { openZeromqServer } from "./intake/zeromq-server.ts";
import { serve } from "./serve.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Who asks twice does not want to wait for the outputs.
    if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
    stop.abort(new Error(`stopped by ${signal}`));
  });
}

/** The exit status. A mistake of ours is thrown. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const asked = readOptions(argv, process.env, process.getuid?.() ?? 0, manifest.version);
    if ("text" in asked) {
      process.stdout.write(asked.text);
      return 0;
    }
    if (asked.check) {
      const report = await checkOutputs(asked.outputs, asked);
      process.stdout.write(asked.json ? `${JSON.stringify(report)}\n` : formatReport(report));
      return report.ok ? 0 : 1;
    }
    const log = createLog(asked.logLevel, { name: "bms-aggregator" });
    const notify = await connectNotify(process.env, stop.signal, { clock: systemClock, log });
    await serve(asked, {
      openReceiver: openZeromqServer,
      stdout: process.stdout,
      notify,
      runtimeDirectory: process.env.RUNTIME_DIRECTORY,
      onStatusRequest: (table) => void process.on("SIGUSR1", () => process.stderr.write(table())),
      clock: systemClock,
      log,
      stop: stop.signal,
    });
    return 0;
  } catch (error) {
    if (error === stop.signal.reason) return 0;
    if (!(error instanceof UsageError || error instanceof EndpointError)) throw error;
    createLog("error", { name: "bms-aggregator" }).error(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
// A reader of stdout that stopped reading must not keep us.
setTimeout(() => process.exit(), 1_000).unref();
