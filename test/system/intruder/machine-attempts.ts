import { lstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { leaseName, useName } from "../../../agent/radio/sharing/names.ts";
import { lockName } from "../../../common/runtime/process-lock.ts";
import { connectBus } from "../../support/dbus/bus-client.ts";
import { type Attempt, Breach, each, refused } from "./attempt.ts";

/** Facts about the machine that every user can find out, and a password to search for. */
export interface Machine {
  readonly bus: string;
  readonly addresses: readonly string[];
  /** Names of the agents. */
  readonly agents: readonly string[];
  /** It must appear in nothing that the intruder can read. */
  readonly password: string;
  readonly secondsEach: number;
}

const DENIED = ["EACCES", "EPERM"];
const FOLDERS = [
  "/run/bms",
  "/run/bms/locks",
  "/run/bms-agent",
  "/var/lib/bms",
  "/etc/bms",
  "/etc/bms/agents",
  "/usr/lib/bms",
];
/** Trees in which settings, passwords and states are. */
const TREES = ["/etc/bms", "/run/bms", "/run/bms-agent", "/run/credentials", "/var/lib/bms"];
const SOCKETS = ["/run/bms/readings.sock", "/run/telegraf/bms.sock"];
/** Files of a process that tell its secrets. */
const SECRETS = ["environ", "mem", "maps", "auxv"];

/** Attempts of another user on a machine on which the package runs. */
export function machineAttempts(machine: Machine): Attempt[] {
  const { bus, addresses, agents, password, secondsEach } = machine;
  /** Names that programs might lock, as abstract sockets. */
  const resources = [
    ...["hci0", "hci1"].flatMap((adapter) => [useName(adapter), leaseName(adapter)]),
    ...[0, 1, 2].map((slot) => `lease ${slot} on ${leaseName("hci0")}`),
    ...addresses.map((address) => `device ${address} on air`),
    ...agents.map((name) => `spool /var/lib/bms/agent-${name}`),
    "endpoint /run/bms/readings.sock",
  ];

  return [
    {
      name: "writes into the program's folders",
      run: () => each(FOLDERS, (folder) => refused(DENIED, () => writeFileSync(join(folder, "intruder"), ""))),
    },
    { name: "lists the folder of the locks", run: () => refused(DENIED, () => readdirSync("/run/bms/locks")) },
    {
      name: "opens the locks of the lease, devices and spools",
      run: () =>
        each(resources, (resource) => refused(DENIED, () => openSync(`/run/bms/locks/${lockName(resource)}`, "a"))),
    },
    { name: "searches all files of the programs for the password", run: async () => searches(password) },
    {
      name: "reads undelivered readings",
      run: () => each(agents, (name) => refused(DENIED, () => readdirSync(`/var/lib/bms/agent-${name}`))),
    },
    {
      name: "connects to the endpoint and to Telegraf",
      run: () => each(SOCKETS, (path) => refused(DENIED, () => connected(path))),
    },
    { name: "connects to the inspector", run: () => refused(["ECONNREFUSED"], () => connected(9229)) },
    {
      name: "signals the programs",
      run: () =>
        each(signalsTo(programsOf(password)), ([pid, signal]) => refused(DENIED, () => process.kill(pid, signal))),
    },
    {
      name: "reads environment and memory of the programs",
      run: () =>
        each(secretsOf(programsOf(password)), (file) => refused([...DENIED, "ENOENT"], () => readFileSync(file))),
    },
    { name: "stops a service through systemd", run: () => stopsService(bus) },
    { name: "makes folders and links where the programs might look first", run: async () => takesFirst() },
    { name: `listens on ${resources.length} abstract names of locks`, run: () => occupies(resources, secondsEach) },
    { name: "connects to every abstract socket of the machine and writes", run: () => floodsAbstract(secondsEach) },
  ];
}

/** Identifiers of the running programs. @throws {Breach} where a command line shows the password */
function programsOf(password: string): number[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.filter((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (pid !== process.pid && pid !== process.ppid && line.includes(password))
        throw new Breach(`process ${pid} shows the password`);
      return /\/bms-(agent|aggregator)\.js/.test(line);
    } catch (error) {
      if (error instanceof Breach) throw error;
      return false;
    }
  });
}

const signalsTo = (pids: readonly number[]) => {
  if (pids.length < 2) throw new Error(`only ${pids.length} programs run`);
  return pids.flatMap((pid) =>
    (["SIGUSR1", "SIGSTOP", "SIGTERM", "SIGKILL"] as const).map((signal) => [pid, signal] as const),
  );
};
const secretsOf = (pids: readonly number[]) => [
  ...pids.flatMap((pid) => SECRETS.map((file) => `/proc/${pid}/${file}`)),
  ...pids.map((pid) => `/proc/${pid}/fd/3`),
];

function searches(password: string): string {
  // Not a part of a time.
  const secret = new RegExp(`\\b${password}\\b`);
  let [read, denied] = [0, 0];
  const search = (path: string) => {
    try {
      if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) search(join(path, name));
      else if (secret.test(readFileSync(path, "latin1"))) throw new Breach(`${path} shows the password`);
      else read += 1;
    } catch (error) {
      if (error instanceof Breach) throw error;
      denied += 1;
    }
  };
  for (const tree of TREES) search(tree);
  if (denied === 0) throw new Breach("nothing was refused, not even the file with the password");
  return `${read} files read, without the password; ${denied} files and folders refused`;
}

function connected(to: string | number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = typeof to === "string" ? connect(to) : connect(to, "127.0.0.1");
    socket.once("connect", () => resolve(void socket.destroy()));
    socket.once("error", reject);
  });
}

async function stopsService(bus: string): Promise<string> {
  const client = await connectBus(bus);
  try {
    const { kind, errorName, body } = await client.call({
      destination: "org.freedesktop.systemd1",
      path: "/org/freedesktop/systemd1",
      interface: "org.freedesktop.systemd1.Manager",
      member: "StopUnit",
      signature: "ss",
      body: ["bms-aggregator.service", "replace"],
    });
    if (kind === "return") throw new Breach(`systemd answers ${body}`);
    return String(errorName);
  } finally {
    client.close();
  }
}

/** Folders of endpoints and symbolic links in /tmp, as programs without a folder of their own would use them; until the end. */
function takesFirst(): string {
  const uids = [0, ...readdirSync("/proc").flatMap((pid) => ownerOf(pid))];
  const folders = [...new Set(uids)].map((uid) => `/tmp/bms-${uid}`);
  const links = ["bms", "bms-agent", "bms-aggregator", "bms-locks"].map((name) => `/tmp/${name}`);
  const makeFolder = (folder: string) => {
    mkdirSync(folder);
    createServer().listen(join(folder, "readings.sock")).unref();
  };
  const made = [
    ...folders.filter((folder) => succeeds(() => makeFolder(folder))),
    ...links.filter((link) => succeeds(() => symlinkSync("/etc/passwd", link))),
  ];
  process.once("exit", () => {
    for (const path of made) rmSync(path, { recursive: true });
  });
  return `${made.length} made`;
}

function succeeds(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch {
    // It is there since the last round.
    return false;
  }
}

function ownerOf(pid: string): number[] {
  try {
    const uid = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return uid ? [Number(uid)] : [];
  } catch {
    return [];
  }
}

/** Holds names of locks for a while. The readings show that nothing depends on them. */
async function occupies(resources: readonly string[], seconds: number): Promise<string> {
  const servers = await Promise.all(
    resources.map(
      (resource) =>
        new Promise<ReturnType<typeof createServer> | undefined>((resolve) => {
          const server = createServer((socket) => void socket.resume());
          server.once("error", () => resolve(undefined));
          server.listen({ path: `\0bms-${lockName(resource)}` }, () => resolve(server));
        }),
    ),
  );
  await sleep(seconds * 1_000);
  for (const server of servers) server?.close();
  return `${servers.filter(Boolean).length} held for ${seconds} s`;
}

async function floodsAbstract(seconds: number): Promise<string> {
  const names = new Set(
    readFileSync("/proc/net/unix", "utf8")
      .split("\n")
      .flatMap((line) => line.match(/ (@\S+)$/)?.[1]?.slice(1) ?? []),
  );
  let taken = 0;
  const sockets = [...names].map((name) => {
    const socket = connect({ path: `\0${name}` });
    socket.on("error", () => {});
    socket.on("connect", () => {
      taken += 1;
      for (let line = 0; line < 1_000; line++) socket.write(`${"x".repeat(99)}\n`);
    });
    return socket;
  });
  await sleep(seconds * 1_000);
  for (const socket of sockets) socket.destroy();
  return `${taken} of ${names.size} took a connection`;
}
