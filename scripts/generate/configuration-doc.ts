import type { Command } from "../../common/cli/command.ts";
import { usageOf } from "../../common/cli/command-line.ts";
import { type OptionRow, presetOf, takesValue, variableOf } from "../../common/cli/option.ts";
import { type DocumentedProgram, PROGRAMS } from "./programs.ts";

const INTRODUCTION = `# Configuration

Written by \`npm run generate\` from the option tables of the programs; \`PROGRAM --help\` and \`man PROGRAM\` show the same.

Every long option has an environment variable: \`--log-level\` is \`BMS_LOG_LEVEL\`. The command line wins, and an empty variable
counts as absent. A switch is set by \`1\`, \`yes\` or \`true\`. A wrong value is one line on stderr and exit status 2, which systemd
does not restart.

An installed service takes its options from environment files. A later file wins:

| file | read by | after a change |
|---|---|---|
| \`/etc/bms/common.env\` | every service | \`sudo systemctl restart bms.target\` |
| \`/etc/bms/aggregator.env\` | bms-aggregator | \`sudo systemctl restart bms-aggregator\` |
| \`/etc/bms/viewer.env\` | bms-viewer | \`sudo systemctl daemon-reload && sudo systemctl restart bms-viewer.socket\` |
| \`/etc/bms/agents/NAME.env\` | bms-agent@NAME | \`sudo systemctl restart bms-agent@NAME\` |

\`bmsctl add\` writes \`NAME.env\`. A password is not in it but in \`/etc/bms/pins/NAME\`,
which only root may read; the file's only line is the password.
`;

const ENVIRONMENT = `
## Other variables

| variable | set by | meaning |
|---|---|---|
| \`BMS_INSTANCE\` | bms-agent@.service | name of the service: the meter's name if \`BMS_METER\` is not set, or the address |
| \`BMS_BOOT_ID\` | bms-agent@.service | identity of the boot, which times of readings are relative to until they are sent |
| \`BMS_SIMULATOR\` | you | socket of a running simulator, for \`--radio simulated\` |
| \`STATE_DIRECTORY\` | systemd | directory for undelivered readings; of bms-viewer for its history and token |
| \`LISTEN_FDS\`, \`LISTEN_PID\` | systemd | socket of the page, from bms-viewer.socket |
| \`RUNTIME_DIRECTORY\` | systemd | directory of \`status.json\` |
| \`NOTIFY_SOCKET\`, \`WATCHDOG_USEC\` | systemd | readiness, status and watchdog |
| \`XDG_RUNTIME_DIR\` | login | directory of the default endpoint outside of services |
| \`DBUS_SYSTEM_BUS_ADDRESS\` | you | message bus of bluetoothd |
`;

/** docs/configuration.md: every option of every program. */
export function configurationDocument(): string {
  return INTRODUCTION + PROGRAMS.map(programSection).join("") + ENVIRONMENT;
}

function programSection({ name, summary, commands }: DocumentedProgram): string {
  const sections = commands.map((command) => {
    const heading = command.name === "" ? "" : `\n### ${name} ${command.name}\n`;
    return `${heading}\n${commandSection(name, command)}`;
  });
  return `\n## ${name}: ${summary}\n${sections.join("")}`;
}

function commandSection(program: string, command: Command): string {
  const { about, options, examples } = command;
  const rows = Object.values(options);
  const table = ["| option | variable | value | default | meaning |", "|---|---|---|---|---|", ...rows.map(row)];
  return [
    about.replaceAll("\n", " "),
    "",
    "```sh",
    `${usageOf(program, command)}`,
    "",
    ...formatExamples(examples),
    "```",
    ...(rows.length > 0 ? ["", ...table] : []),
    "",
  ].join("\n");
}

function formatExamples(examples: Command["examples"]): string[] {
  const width = Math.max(...examples.map(([line]) => line.length));
  return examples.map(([line, about]) => `${line.padEnd(width)}  # ${about}`);
}

function row(option: OptionRow): string {
  const { flags, about, choices, rule } = option;
  const values = choices ? choices.map((word) => `\`${word}\``).join(", ") : takesValue(option) ? rule : "";
  const cells = [`\`${flags}\``, `\`${variableOf(option)}\``, values, presetOf(option) ?? "", about];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
