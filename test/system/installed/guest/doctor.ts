import { chmodSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { outputOf } from "../../../../control/setup/systemd.ts";
import { check, expect } from "./check.ts";
import { areActive, clearFault, eventually, recordEvent, run, setFault, systemctl, unit } from "./commands.ts";
import { setDedup } from "./install.ts";
import { type BatteryName, NAMES, PASSWORD } from "./paths.ts";

/** One fault, made on purpose. */
interface Fault {
  readonly about: string;
  make(): unknown;
  repair(): unknown;
  /** The doctor's lines, each with a remedy. All other lines must be OK or, behind the fault, unknown. */
  readonly found: readonly RegExp[];
}

const AGENT_FILE = "/etc/bms/agents/bms.env";
const SNIPPET = "/etc/telegraf/telegraf.d/battery.conf";
const FILLER = "/var/lib/filler";
const RESET_MODE = /^ *csv_reset_mode = .*$/m;

/** Faults that do not hide each other share one run of the doctor, which takes half a minute on this processor. */
const ROUNDS: readonly (readonly Fault[])[] = [
  [
    {
      about: "the clock is not synchronised",
      make: () => run("adjtimex", "--maxerror", "16000000"),
      repair: () => run("adjtimex", "--maxerror", "1000"),
      // Where the machine has a real-time clock this is a note.
      found: [/^(WRONG|NOTE) +clock: .*sudo timedatectl set-ntp true/],
    },
    {
      about: "the disk is full",
      make: () => run("fallocate", "--length", String(freeBytes() - 50_000_000), FILLER),
      repair: () => rmSync(FILLER),
      found: [/^WRONG +disk: only \d+ MB are free .*make room/],
    },
    {
      about: "everybody may read a password",
      make: () => edit(AGENT_FILE, (text) => `${text}BMS_PIN=${PASSWORD}\n`),
      repair: () => edit(AGENT_FILE, (text) => text.replace(/^BMS_PIN=.*\n/m, "")),
      found: [/^WRONG +bms: its password can be read by every user .*put it into \/etc\/bms\/pins\/bms/],
    },
    {
      about: "a battery is out of range",
      make: () => gone("inverter"),
      repair: () => clearFault("inverter", "out-of-range"),
      found: [/^WRONG +inverter: .*is it on, in range/],
    },
    {
      about: "VictoriaMetrics keeps what comes twice",
      make: () => setDedup(false),
      repair: () => setDedup(true),
      found: [/^WRONG +database: .*-dedup\.minScrapeInterval=1ms/],
    },
  ],
  [
    {
      about: "the password is wrong",
      make: () => setPassword("000000"),
      repair: () => setPassword(PASSWORD),
      found: [/^WRONG +bms: .*correct the PIN/],
    },
    {
      about: "Telegraf has a wrong setting",
      make: () => edit(SNIPPET, (text) => text.replace(RESET_MODE, '  csv_reset_mode = "none"')),
      repair: () => edit(SNIPPET, (text) => text.replace(RESET_MODE, '  csv_reset_mode = "always"')),
      found: [/^WRONG +Telegraf: .*set csv_reset_mode = "always"/],
    },
    {
      about: "the aggregator may not write to Telegraf's socket",
      make: () => closeSocket(),
      repair: () => systemctl("restart", "telegraf"),
      found: [/^WRONG +aggregator: cannot write to .*no permission.*socket_mode/],
    },
    {
      about: "the database is away",
      make: () => systemctl("stop", "victoria-metrics"),
      repair: () => setDedup(true),
      found: [/^WRONG +database: .*does not answer.*start it/],
    },
  ],
  [
    {
      about: "the aggregator is stopped",
      make: () => systemctl("stop", "bms-aggregator"),
      repair: () => systemctl("start", "bms-aggregator"),
      found: [
        /^WRONG +aggregator: is not running.*sudo systemctl enable --now/,
        /^WRONG +endpoint: .*sudo systemctl/,
        /^WRONG +live feed: is not connected/,
      ],
    },
    {
      about: "Telegraf does not listen",
      make: () => systemctl("stop", "telegraf"),
      repair: () => systemctl("start", "telegraf"),
      found: [/^WRONG +Telegraf: .*start Telegraf/],
    },
    {
      about: "the adapter is off",
      make: () => stopRadio("bluetoothctl", "power", "off"),
      repair: () => run("bluetoothctl", "power", "on"),
      found: [/^WRONG +Bluetooth: .*bluetoothctl power on/, ...NAMES.map((name) => new RegExp(`^WRONG +${name}: .*`))],
    },
  ],
  [
    {
      about: "bluetoothd is stopped",
      make: () => stopRadio("systemctl", "stop", "bluetooth"),
      repair: () => systemctl("start", "bluetooth"),
      found: [/^WRONG +Bluetooth: .*systemctl.*bluetooth/, ...NAMES.map((name) => new RegExp(`^WRONG +${name}: .*`))],
    },
  ],
];

export async function doctor(): Promise<void> {
  await check("doctor: all is OK", async () => {
    const { lines, status } = await examine();
    expect(status === 0 && lines.every((line) => /^(OK|NOTE) /.test(line)), [status, ...lines].join("\n"));
    return `${lines.length} lines`;
  });
  for (const faults of ROUNDS) {
    for (const { make } of faults) await make();
    const { lines, status } = await examine();
    for (const { about, found } of faults) {
      await check(`doctor: ${about}`, async () => {
        const matches = found.map((pattern) => lines.find((line) => pattern.test(line)));
        expect(!matches.includes(undefined) && status === 1, [status, ...lines].join("\n"));
        return matches[0];
      });
    }
    await check("doctor: and reports nothing else as wrong", async () => {
      const expected = faults.flatMap(({ found }) => found);
      const others = lines.filter(
        (line) => line.startsWith("WRONG") && !expected.some((pattern) => pattern.test(line)),
      );
      expect(others.length === 0, others.join("\n"));
    });
    for (const { repair } of faults) await repair();
    await recovered();
  }
  await check("doctor: every fault was made", async () => `${ROUNDS.flat().length} faults made`);
}

async function examine(): Promise<{ readonly lines: readonly string[]; readonly status: number | undefined }> {
  const { stdout, status } = await outputOf("bmsctl", ["doctor"]);
  return { lines: stdout.trim().split("\n"), status };
}

const statusOf = (battery: string) => systemctl("show", "--property=StatusText", "--value", unit(battery));

const isConnected = async (battery: string) => (await statusOf(battery)).startsWith("connected");

async function recovered(): Promise<void> {
  await areActive(...NAMES.map(unit), "bms-aggregator", "telegraf", "victoria-metrics", "bluetooth");
  await eventually("all batteries are connected", async () =>
    (await Promise.all(NAMES.map(isConnected))).every(Boolean),
  );
}

/** An answer that is under way to its agent at this moment is lost with the link. Each agent notices at its own next poll. */
async function stopRadio(command: string, ...args: readonly string[]): Promise<void> {
  recordEvent("radio", "stopped");
  await run(command, ...args);
  await eventually("every agent has reported that its link is gone", async () => {
    const batteries = (await run("bmsctl", "list", "--json")).split("\n").map((line) => JSON.parse(line));
    return batteries.length === NAMES.length && batteries.every(({ fault }) => fault !== null);
  });
}

async function closeSocket(): Promise<void> {
  chmodSync("/run/telegraf/bms.sock", 0o600);
  await systemctl("restart", "bms-aggregator");
  await eventually("the aggregator is refused", async () =>
    (await systemctl("show", "--property=StatusText", "bms-aggregator")).includes(" is away"),
  );
}

async function gone(battery: BatteryName): Promise<void> {
  await setFault(battery, "out-of-range");
  await eventually(`${battery} is reported as away`, async () => (await statusOf(battery)).includes("was not found"));
}

async function setPassword(password: string): Promise<void> {
  edit("/etc/bms/pins/bms", () => `${password}\n`);
  await systemctl("restart", unit("bms"));
  const isRefused = password !== PASSWORD;
  await eventually("the pack has checked the password", async () => {
    const status = await statusOf("bms");
    return isRefused ? / readings, backlog /.test(status) && !status.startsWith("connected") : true;
  });
}

/** In place, so that mode and owner stay. */
function edit(file: string, change: (text: string) => string): void {
  const text = readFileSync(file, "utf8");
  const changed = change(text);
  expect(changed !== text, `nothing to change in ${file}`);
  writeFileSync(file, changed);
}

function freeBytes(): number {
  const { bavail, bsize } = statfsSync("/var/lib");
  return bavail * bsize;
}
