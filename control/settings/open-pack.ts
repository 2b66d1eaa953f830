import { userInfo } from "node:os";
import type { CommandDeps } from "../../common/cli/command.ts";
import type { Environment } from "../../common/cli/option.ts";
import { settingsDirectory } from "../../common/runtime/settings-directory.ts";
import { INSTALLATION } from "../setup/installation.ts";
import { type Systemd, systemd } from "../setup/systemd.ts";
import type { ApplyDeps } from "./apply.ts";
import { deviceAt, type PackOptions } from "./pack-options.ts";
import { findPack, type PackTarget, type TargetDeps } from "./pack-target.ts";
import { type Author, openPackStore, type PackStore } from "./store.ts";
import { usePack } from "./use-pack.ts";

/** A pack that a command works on. */
export interface Pack {
  readonly target: PackTarget;
  readonly store: PackStore;
  /** Borrows the pack from its service for the time of `work`. */
  use<T>(work: (deps: WorkDeps) => Promise<T>): Promise<T>;
}

export type WorkDeps = Omit<ApplyDeps, "onCommit">;

/** The services of this machine. */
export interface Machine {
  readonly systemd: Systemd;
  readonly installation: TargetDeps["installation"];
}

export const THIS_MACHINE: Machine = { systemd, installation: { ...INSTALLATION, common: "/etc/bms/common.env" } };

/** @throws {UsageError} if there is no such pack */
export async function openPack(
  word: string,
  options: PackOptions,
  deps: Pick<CommandDeps, "env" | "clock" | "stop" | "progress" | "createLog">,
  machine = THIS_MACHINE,
): Promise<Pack> {
  const { env, clock, stop, progress } = deps;
  const target = await findPack(word, { ...machine, device: (address) => deviceAt(address, options, env) });
  const log = deps.createLog(options.logLevel, target.name);
  const store = openPackStore({
    directory: options.settingsDirectory ?? settingsDirectory(env),
    name: target.name,
    address: target.device.address,
    author: authorOf(env),
    now: clock.now,
  });
  return {
    target,
    store,
    use: (work) =>
      usePack(target, { systemd: machine.systemd, clock, log, stop }, (link) =>
        work({
          link,
          clock,
          log,
          stop,
          marker: store.marker,
          audit: store.audit,
          progress: (done, all) => progress(`reading ${target.name}: ${done} of ${all} registers …`),
        }),
      ),
  };
}

function authorOf({ SUDO_USER }: Environment): Author {
  return { user: userInfo().username, ...(SUDO_USER && { sudoUser: SUDO_USER }) };
}
