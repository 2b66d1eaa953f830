import { nonEmpty, type OptionRow, onOff, SHARED_OPTIONS, wholeNumber } from "../../common/cli/option.ts";
import { parseHostName, parseHttpAddress } from "./http-address.ts";

/** Every option of bms-viewer. */
export const VIEWER_OPTIONS = {
  http: {
    flags: "--http <address>",
    about:
      "where the page is served; anything but the loopback addresses asks for a token; not used when systemd passes a socket",
    presetText: "127.0.0.1:8470",
    parse: parseHttpAddress,
    rule: "an address and a port, such as 127.0.0.1:8470, [::1]:8470 or 0.0.0.0:8470",
  },
  withoutToken: {
    flags: "--without-token",
    about: "show the page to everybody who reaches the address",
    conflicts: ["tokenFile"],
    ...onOff,
  },
  tokenFile: {
    flags: "--token-file <file>",
    about: "file of the token, made when it is first needed",
    presetText: "token in $STATE_DIRECTORY, else in the history's directory",
    completes: "file",
    ...nonEmpty("a path"),
  },
  hostName: {
    flags: "--host-name <name...>",
    about:
      "another name by which browsers may reach this machine, besides its host name, that with .local, and addresses in digits",
    isList: true,
    parse: parseHostName,
    rule: "a name, such as house.lan, without a port",
  },
  feed: SHARED_OPTIONS.feed,
  history: {
    flags: "--history <directory>",
    about: "directory of the history; without it the history lasts as long as the viewer runs",
    presetText: "$STATE_DIRECTORY, else none",
    completes: "directory",
    ...nonEmpty("a path"),
  },
  historyMb: {
    flags: "--history-mb <megabytes>",
    about: "most space that the history takes; the oldest readings and minutes go first",
    preset: 1_000,
    ...wholeNumber("megabytes", 100_000),
  },
  alerts: {
    flags: "--alerts <file>",
    about: "rules and targets of alerts; without the file the built-in rules apply and no message is sent",
    presetText: "/etc/bms/alerts.toml",
    completes: "file",
    ...nonEmpty("a path"),
  },
  status: {
    flags: "--status <directory...>",
    about: "directories with status.json of the aggregator, and of agents one level below",
    isList: true,
    presetText: "/run/bms /run/bms-agent",
    completes: "directory",
    ...nonEmpty("a path"),
  },
  logLevel: SHARED_OPTIONS.logLevel,
} satisfies Readonly<Record<string, OptionRow>>;
