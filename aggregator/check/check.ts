import { probeSocket } from "../../common/runtime/unix-socket.ts";
import type { AggregatorOptions } from "../cli/options.ts";
import { type OutputUrl, socketOf } from "../outputs/output-url.ts";
import { explainSocketFault } from "../outputs/socket-fault.ts";
import { examineTelegraf } from "./examination.ts";

/** Says of each output, and of the Telegraf behind it, what is wrong and what to do, each line once. Whether all is well. */
export async function checkOutputs(
  { outputs, settleMs, telegrafConfig }: Pick<AggregatorOptions, "outputs" | "settleMs" | "telegrafConfig">,
  say: (line: string) => void,
): Promise<boolean> {
  let isWell = true;
  const lines = new Set<string>();
  for (const url of outputs) {
    const fault = await checkOutput(url);
    lines.add(`${url}: ${fault ?? "OK"}`);
    const socket = socketOf(url);
    const findings = socket ? await examineTelegraf({ socket, settleMs, configuration: telegrafConfig }) : [];
    for (const { severity, text } of findings) lines.add(`${severity}: ${text}`);
    if (fault || findings.some(({ severity }) => severity === "fault")) isWell = false;
  }
  for (const line of lines) say(line);
  return isWell;
}

/** What is wrong with an output, as one sentence that says what to do; undefined where it can be written to. */
export async function checkOutput(url: OutputUrl): Promise<string | undefined> {
  const path = socketOf(url);
  if (path === undefined) return undefined;
  const fault = await probeSocket(path);
  return fault && explainSocketFault(fault, path);
}
