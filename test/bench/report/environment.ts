import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import type { Programs } from "../question.ts";
import type { Environment } from "./document.ts";

/** The machine and the versions of the programs. */
export function describeEnvironment({ node, peer, telegraf }: Programs): Environment {
  const processors = cpus();
  const gigabytes = Math.round(totalmem() / 1024 ** 3);
  const python = "path" in peer ? peer.path : undefined;
  const packages =
    "import importlib.metadata as m; print(*(m.version(p) for p in ('aiobmsble', 'bleak', 'dbus-fast')))";
  const [aiobmsble, bleak, dbusFast] = python ? output(python, "-c", packages).split(" ") : [];
  const versions = {
    Node: output(node, "--version").slice(1),
    ...(python && { Python: output(python, "--version").split(" ")[1] }),
    ...(python && { aiobmsble, bleak, "dbus-fast": dbusFast }),
    ...("path" in telegraf && { Telegraf: output(telegraf.path, "--version").split(" ")[1] }),
  };
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${processors.length} processors of ${processors[0]?.model.trim()}, ${gigabytes} GB, Linux ${release()}, ${process.arch}`,
    versions: Object.fromEntries(
      Object.entries(versions).filter((entry): entry is [string, string] => Boolean(entry[1])),
    ),
  };
}

const output = (program: string, ...args: readonly string[]) =>
  execFileSync(program, args, { encoding: "utf8" }).trim();
