import { existsSync } from "node:fs";
import { counted } from "../../common/model/count-text.ts";
import { readAlertConfig } from "../../viewer/alerts/config-file.ts";
import type { HouseView } from "../../viewer/model/views.ts";
import { type Interface, pageHosts, readToken } from "../setup/page-address.ts";
import type { Systemd, UnitState } from "../setup/systemd.ts";
import {
  APPLY_VIEWER_FILE,
  hostAndPort,
  VIEWER_FILE,
  VIEWER_GROUP,
  VIEWER_SOCKET,
  VIEWER_UNIT,
  type ViewerSettings,
} from "../setup/viewer-settings.ts";
import { type Finding, note, ok, unknown, wrong } from "./finding.ts";

const ABOUT = "viewer";
const ANSWER_MS = 5_000;
const LOOK = `journalctl -u ${VIEWER_UNIT}`;
const START = `sudo systemctl enable --now ${VIEWER_SOCKET} ${VIEWER_UNIT}`;

/** Checks that the viewer runs; undefined if it does, and there is more to check. It is optional: switched off is no fault. */
export function viewerFault({ load, active, sub, exit, enabled }: UnitState, lastLogLine: string): Finding | undefined {
  if (load === "not-found") return note(ABOUT, "is not installed");
  if (active === "active") return undefined;
  const reason = lastLogLine ? `: ${lastLogLine}` : "";
  if (active === "failed" && exit === 2) {
    return wrong(
      ABOUT,
      `has wrong options${reason}`,
      `correct ${VIEWER_FILE}, then sudo systemctl start ${VIEWER_UNIT}`,
    );
  }
  if (active === "failed" || sub === "auto-restart") {
    return wrong(ABOUT, `fails again and again${reason}`, lastLogLine ? undefined : LOOK);
  }
  if (active === "activating") return unknown(ABOUT, "is starting");
  if (enabled !== "enabled") return note(ABOUT, "is switched off, so there is no page", START);
  return wrong(ABOUT, "is not running, so there is no page and no alert", START);
}

/** The answer of the page to the question for everything that it shows. */
export type PageAnswer =
  | { readonly house: Pick<HouseView, "feed" | "meters" | "history"> }
  /** Its status of HTTP. */
  | { readonly status: number }
  /** The reason why there is none. */
  | { readonly fault: string };

/** Asks the page. `host`: an address of this machine at which it should answer. */
async function askPage(host: string, port: number, token: string | undefined): Promise<PageAnswer> {
  try {
    const answer = await fetch(`http://${hostAndPort({ host, port })}/api/v1/house`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.status !== 200) return { status: answer.status };
    const house: unknown = await answer.json();
    return isHouse(house) ? { house } : { fault: "another program answers there" };
  } catch (error) {
    const { cause, message } = error as Error;
    return { fault: cause instanceof Error && cause.message ? cause.message : message };
  }
}

type House = Pick<HouseView, "feed" | "meters" | "history">;

function isHouse(value: unknown): value is House {
  const { feed, meters, history } = (value ?? {}) as Partial<House>;
  return typeof feed?.state === "string" && Array.isArray(meters) && typeof history?.kind === "string";
}

/** Judges the answer of the page at `address`. */
function checkPage(address: string, answer: PageAnswer, { tokenFile }: ViewerSettings): Finding[] {
  if ("fault" in answer) {
    return [wrong("page", `does not answer at ${address} (${answer.fault})`, APPLY_VIEWER_FILE)];
  }
  if ("status" in answer) {
    return answer.status === 401
      ? [wrong("page", `refuses the token of ${tokenFile}`, `sudo systemctl restart ${VIEWER_UNIT}`)]
      : [wrong("page", `answers with status ${answer.status} at ${address}`, LOOK)];
  }
  const { feed, meters, history } = answer.house;
  return [
    ok("page", `answers at ${address} and shows ${counted(meters.length, "meter")}`),
    checkFeed(feed),
    checkHistory(history),
  ];
}

function checkFeed({ state }: House["feed"]): Finding {
  if (state === "live") return ok("live feed", "brings readings");
  if (state === "silent") return note("live feed", "brings no readings at the moment", "see the batteries above");
  return wrong(
    "live feed",
    "is not connected, so the page shows nothing new",
    `sudo systemd-tmpfiles --create bms.conf && sudo systemctl restart bms-aggregator, then ${LOOK}`,
  );
}

function checkHistory({ kind }: House["history"]): Finding {
  if (kind === "disk") return ok("history", "is on disk");
  return wrong("history", "is in memory only and ends with the viewer", `${LOOK} shows why`);
}

export interface ViewerDeps {
  readonly systemd: Pick<Systemd, "show" | "lastLogLine">;
  readonly settings: ViewerSettings;
  readonly interfaces: readonly Interface[];
  /** The service may open connections. */
  readonly hasNetwork: boolean;
}

/** Checks the viewer's service, its page, its connection to the live feed and its history. */
export async function checkViewer({ systemd, settings, interfaces, hasNetwork }: ViewerDeps): Promise<Finding[]> {
  const [state] = await systemd.show([VIEWER_UNIT]);
  if (!state) return [unknown(ABOUT, "systemd does not know it")];
  const fault = viewerFault(state, await systemd.lastLogLine(VIEWER_UNIT));
  if (fault) return [fault];
  const token = readToken(settings);
  if (token.state === "missing" || token.state === "unreadable") {
    return [tokenUnreadable(settings, token.state === "missing")];
  }
  const [host = "127.0.0.1"] = pageHosts(settings.http.host, interfaces);
  const answer = await askPage(host, settings.http.port, token.state === "known" ? token.token : undefined);
  const page = checkPage(`http://${hostAndPort({ ...settings.http, host })}/`, answer, settings);
  return [...page, checkAlerts(settings.alertsFile, hasNetwork)];
}

/** Checks the file of rules and targets. `hasNetwork`: the service can reach targets. */
function checkAlerts(file: string, hasNetwork: boolean): Finding {
  const about = "alerts";
  try {
    const { targets } = readAlertConfig(existsSync(file) ? file : undefined);
    if (targets.length === 0) return note(about, "are shown on the page and sent nowhere", `add a target to ${file}`);
    if (hasNetwork) return ok(about, `are sent to ${counted(targets.length, "target")}`);
    const dropIn = "/usr/share/bms/drop-ins/alerts-network.conf";
    return wrong(about, "cannot be sent, because the viewer's service has no network", `follow ${dropIn}`);
  } catch (error) {
    const { message, cause } = error as Error;
    const mayNotRead = (cause as NodeJS.ErrnoException | undefined)?.code === "EACCES";
    if (mayNotRead) return unknown(about, `this user may not read ${file}`, "run the doctor with sudo");
    return wrong(about, message, `correct it, then sudo systemctl restart ${VIEWER_UNIT}`);
  }
}

/** For a page that asks for a token which this user cannot read. */
function tokenUnreadable({ tokenFile }: ViewerSettings, isMissing: boolean): Finding {
  if (isMissing)
    return wrong("page", `has no token in ${tokenFile}`, `sudo systemctl restart ${VIEWER_UNIT}, then ${LOOK}`);
  return unknown(
    "page",
    `asks for a token that this user may not read (${tokenFile})`,
    `run the doctor with sudo, or join the group ${VIEWER_GROUP}`,
  );
}
