import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { decodeMessage, type Message } from "./report.ts";

export interface MachineOptions {
  readonly kernel: string;
  readonly initrd: string;
  /** Host folder that the machine mounts as /share. */
  readonly share: string;
  /** Holds the root file system. Without a disk the root is the initrd. */
  readonly disk?: string;
  /** Arguments of the program that the machine runs; no blanks, no commas. */
  readonly words: readonly string[];
  /** Default: 1024. */
  readonly megabytes?: number;
}

/** A machine that has sent nothing for this long has hung, ms of the host. It boots in 30 s of a processor of its own. */
const SILENT_FOR_MS = 900_000;
const NS_PER_INSTRUCTION_LOG2 = 1;

/**
 * Boots a virtual machine and yields its messages until it is off. Other lines of its second serial port are logged; the
 * kernel prints to the file `console`. A consumer that stops early kills the machine.
 * @throws {Error} where the machine hangs, or qemu fails
 */
export async function* runMachine(
  options: MachineOptions & { readonly console: string; log(line: string): void },
): AsyncGenerator<Message, void> {
  const serials = ["-serial", `file:${options.console}`, "-chardev", "stdio,id=report", "-serial", "chardev:report"];
  const qemu = spawn("qemu-system-x86_64", [...qemuArguments(options), ...serials], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    qemu.once("error", reject);
    qemu.once("close", resolve);
  });
  ended.catch(() => {});
  let stderr = "";
  qemu.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  let hung = false;
  const watchdog = setTimeout(() => {
    hung = true;
    qemu.kill("SIGKILL");
  }, SILENT_FOR_MS);
  try {
    for await (const line of createInterface({ input: qemu.stdout })) {
      watchdog.refresh();
      const text = line.replace(/\r$/, "");
      const message = decodeMessage(text);
      if (message) yield message;
      else if (text !== "") options.log(`machine: ${text}`);
    }
    const status = await ended;
    if (hung) throw new Error(`sent nothing for ${SILENT_FOR_MS / 1000} s`);
    if (status !== 0) throw new Error(`qemu ended with status ${status}: ${stderr.trim()}`);
  } finally {
    clearTimeout(watchdog);
    qemu.kill("SIGKILL");
  }
}

/** Boots a machine whose console is this terminal. Resolves when it is off. */
export function openConsole(options: MachineOptions): Promise<void> {
  const serials = ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console", "-serial", "null"];
  const qemu = spawn("qemu-system-x86_64", [...qemuArguments(options), ...serials], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    qemu.once("error", reject);
    qemu.once("close", () => resolve());
  });
}

/**
 * One processor: with two, the kernel's Bluetooth crashed more often. The machine's clock counts the instructions that
 * it executes, 2 ns each, and skips the time in which it is idle: a second in it is the same on a fast host, a slow one
 * and a busy one. A core of a Pi Zero 2 W, which has four, executes as many or somewhat more. With a disk the clock of
 * the idle machine runs as the host's; otherwise a program that waits for the disk would sleep past its deadline.
 */
function qemuArguments({ kernel, initrd, share, disk, words, megabytes = 1024 }: MachineOptions): string[] {
  const clock = `shift=${NS_PER_INSTRUCTION_LOG2},sleep=${disk ? "on" : "off"}`;
  const root = disk ? "root=/dev/vda rw" : "rdinit=/init";
  const append = `console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable ${root} words=${words.join(",")}`;
  return [
    ...["-M", "q35", "-accel", "tcg", "-icount", clock, "-rtc", "clock=vm", "-smp", "1", "-m", `${megabytes}`],
    ...["-display", "none", "-monitor", "none", "-no-reboot", "-nodefaults"],
    ...["-kernel", kernel, "-initrd", initrd, "-append", append],
    ...["-fsdev", `local,id=share,path=${share},security_model=none`],
    ...["-device", "virtio-9p-pci,fsdev=share,mount_tag=share"],
    ...["-object", "rng-random,id=random,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=random"],
    ...(disk ? ["-drive", `file=${disk},format=raw,if=virtio,cache=unsafe`] : []),
  ];
}
