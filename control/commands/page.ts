import { hostname, networkInterfaces, userInfo } from "node:os";
import { defineCommand } from "../../common/cli/command.ts";
import { SHARED_OPTIONS } from "../../common/cli/option.ts";
import { printable } from "../../common/model/printable.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { destination } from "../setup/destination.ts";
import { pageUrls, readToken, type Token } from "../setup/page-address.ts";
import { qrCode } from "../setup/qr-code.ts";
import {
  APPLY_VIEWER_FILE,
  hostAndPort,
  isLoopback,
  VIEWER_FILE,
  VIEWER_GROUP,
  type ViewerSettings,
  viewerSettings,
} from "../setup/viewer-settings.ts";

const ANSWER_MS = 3_000;

export const page = defineCommand({
  name: "page",
  about:
    "Prints the addresses of the page that shows the batteries, and on a terminal a QR code for the phone. With sudo the token is in the address.",
  options: { json: SHARED_OPTIONS.json },
  examples: [
    ["sudo bmsctl page", "the address with the token, and its QR code"],
    ["bmsctl page --json", "one line of JSON per address"],
  ],
  read: ({ values }) => values,
  async run({ json }, { print, stdout, terminal }) {
    const { endpoint, remote } = destination();
    if (remote) throw new UsageError(`the page is on the aggregator's host (${endpoint}): run sudo bmsctl page there`);
    const settings = viewerSettings();
    const token = readToken(settings);
    const urls = pageUrls(settings, token, Object.values(networkInterfaces()).flat());
    if (json) {
      for (const url of urls)
        print(`${JSON.stringify({ url, local: isLoopback(settings.http), token: token.state })}\n`);
      return 0;
    }
    print(urls.map((url) => `${url}\n`).join(""));
    const [first] = urls;
    const isUseful = first !== undefined && !isLoopback(settings.http) && token.state !== "unreadable";
    if (isUseful && terminal()) stdout.write(qrCode(first));
    if (first !== undefined && !(await isAnswering(first)))
      print(
        `Nothing answers there yet. After a change of BMS_HTTP: ${APPLY_VIEWER_FILE}; sudo bmsctl doctor shows more\n`,
      );
    print(pageAdvice(settings, token, { urls, user: userInfo().username, machine: hostname() }));
    return 0;
  },
});

/** True if a server is at the address: the socket unit keeps the address with which it was started. */
async function isAnswering(url: string): Promise<boolean> {
  try {
    await fetch(new URL("healthz", url), { redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) });
    return true;
  } catch {
    return false;
  }
}

/** The next step, for people. */
export function pageAdvice(
  { http, tokenFile }: ViewerSettings,
  { state }: Token,
  { urls, user, machine }: { readonly urls: readonly string[]; readonly user: string; readonly machine: string },
): string {
  if (isLoopback(http)) {
    const local = `${http.port}:${hostAndPort(http)}`;
    return [
      "Only this machine can open it. To open it on a phone, set",
      `  BMS_HTTP=0.0.0.0:${http.port}`,
      `in ${VIEWER_FILE}, then`,
      `  ${APPLY_VIEWER_FILE} && sudo bmsctl page`,
      "To open it on another computer without that, forward the port and open the same address there:",
      `  ssh -N -L ${local} ${printable(user)}@${printable(machine)}`,
      "",
    ].join("\n");
  }
  if (urls.length === 0) return "This machine has no network address: connect it, then bmsctl page\n";
  if (state === "unreadable") {
    return [
      `The token is missing in the address, because you may not read ${tokenFile}. Either`,
      "  sudo bmsctl page",
      `or join its group (sudo usermod -aG ${VIEWER_GROUP} ${printable(user)}) and log in again.`,
      "",
    ].join("\n");
  }
  if (state === "missing") return `There is no token yet in ${tokenFile}: sudo bmsctl doctor shows why\n`;
  if (state === "none") return "Everybody who reaches the address can look.\n";
  return "Whoever has this address can look. The browser keeps the token, so that the short address is enough later.\n";
}
