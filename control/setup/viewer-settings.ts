import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SERVICE_FILES } from "../../aggregator/service-settings.ts";
import { readEnvironmentFile } from "../../common/systemd/environment-file.ts";
import { ALERTS_FILE } from "../../viewer/alerts/config-file.ts";
import type { HttpAddress } from "../../viewer/cli/http-address.ts";
import { VIEWER_OPTIONS } from "../../viewer/cli/options.ts";

export const VIEWER_UNIT = "bms-viewer.service";
export const VIEWER_SOCKET = "bms-viewer.socket";
/** Environment file of the viewer's service. */
export const VIEWER_FILE = "/etc/bms/viewer.env";
/** Group of the viewer's service, which owns the token. */
export const VIEWER_GROUP = "bms-viewer";
/** Makes the service use another address. */
export const APPLY_VIEWER_FILE = `sudo systemctl daemon-reload && sudo systemctl restart ${VIEWER_SOCKET}`;

const STATE_DIRECTORY = "/var/lib/bms/viewer";

/** Settings of the viewer's service. */
export interface ViewerSettings {
  readonly http: HttpAddress;
  readonly tokenFile: string;
  /** Everybody who reaches the address may look. */
  readonly isWithoutToken: boolean;
  readonly alertsFile: string;
}

/** The settings in environment files, by default those of the installed service. */
export function viewerSettings(variables = serviceVariables()): ViewerSettings {
  const { BMS_HTTP = "", BMS_TOKEN_FILE, BMS_WITHOUT_TOKEN = "", BMS_ALERTS } = variables;
  return {
    http: VIEWER_OPTIONS.http.parse(BMS_HTTP) ?? { host: "127.0.0.1", port: 8470 },
    tokenFile: BMS_TOKEN_FILE || join(STATE_DIRECTORY, "token"),
    isWithoutToken: VIEWER_OPTIONS.withoutToken.parse(BMS_WITHOUT_TOKEN) ?? false,
    alertsFile: BMS_ALERTS || ALERTS_FILE,
  };
}

/** The file of rules and targets that the service's environment names; undefined for the usual one, which may be missing. */
export function serviceAlertsFile(variables = serviceVariables()): string | undefined {
  return variables.BMS_ALERTS || undefined;
}

function serviceVariables(): Readonly<Record<string, string | undefined>> {
  return { ...readEnvironmentFile(SERVICE_FILES.common), ...readEnvironmentFile(VIEWER_FILE) };
}

/** True if a drop-in lets the viewer's service open connections, as alerts need. */
export function viewerHasNetwork(dropIns = `/etc/systemd/system/${VIEWER_UNIT}.d`): boolean {
  const files = existsSync(dropIns) ? readdirSync(dropIns).filter((name) => name.endsWith(".conf")) : [];
  return files.some((name) => /^PrivateNetwork=(no|false|0|off)$/m.test(readFileSync(join(dropIns, name), "utf8")));
}

/** True if only this machine can reach the address. */
export function isLoopback({ host }: HttpAddress): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** The address as it stands in a URL: `127.0.0.1:8470`, `[::1]:8470`. */
export function hostAndPort({ host, port }: HttpAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
