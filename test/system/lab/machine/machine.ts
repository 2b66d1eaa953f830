import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface MachineOptions {
  readonly kernel: string;
  readonly initrd: string;
  /** Host folder that the machine mounts as /share. */
  readonly share: string;
  /** A disk that holds the root file system; without one that is the initrd's. */
  readonly disk?: string;
  /** Passed on to the runner; no blanks, no commas. */
  readonly words: readonly string[];
  /** Where kernel and programs print: a file, or the terminal that this process has. */
  readonly console: { readonly file: string } | "terminal";
}

export interface Machine {
  /** What the runner says, line by line. */
  readonly report: AsyncIterable<string>;
  /** Resolves when the machine is off. @throws {Error} where qemu failed */
  readonly off: Promise<void>;
  /** Pulls the plug. */
  kill(): void;
}

/**
 * Boots one virtual machine with one processor (with two, the kernel's Bluetooth oopsed more often). Its clock counts
 * the instructions that it executes, 2 ns each, and jumps ahead while it is idle: what takes a second in it takes a
 * second on a fast host, a slow one and one that is busy otherwise. A core of a Pi Zero 2 W, which has four, executes as
 * many or somewhat more.
 */
export function bootMachine(options: MachineOptions): Machine {
  const onTerminal = options.console === "terminal";
  const qemu = spawn("qemu-system-x86_64", qemuArguments(options), {
    stdio: onTerminal ? "inherit" : ["ignore", "pipe", "pipe"],
  });
  return { report: lines(qemu), off: ended(qemu), kill: () => qemu.kill("SIGKILL") };
}

const NS_PER_INSTRUCTION_LOG2 = 1;

/** With a disk the idle machine's clock runs as the host's, lest whoever waits for the disk sleeps through its deadline. */
const counting = (disk: string | undefined) => `shift=${NS_PER_INSTRUCTION_LOG2},sleep=${disk ? "on" : "off"}`;

function qemuArguments(options: MachineOptions): string[] {
  const serials =
    options.console === "terminal"
      ? ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console", "-serial", "null"]
      : ["-serial", `file:${options.console.file}`, "-chardev", "stdio,id=report", "-serial", "chardev:report"];
  const { disk } = options;
  const root = disk ? "root=/dev/vda rw" : "rdinit=/init";
  const append = `console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable ${root} lab=${options.words.join(",")}`;
  return [
    ...["-M", "q35", "-accel", "tcg", "-icount", counting(disk), "-rtc", "clock=vm", "-smp", "1", "-m", "1024"],
    ...["-display", "none", "-monitor", "none", "-no-reboot", "-nodefaults", ...serials],
    ...["-kernel", options.kernel, "-initrd", options.initrd, "-append", append],
    ...["-fsdev", `local,id=share,path=${options.share},security_model=none`],
    ...["-device", "virtio-9p-pci,fsdev=share,mount_tag=share"],
    ...["-object", "rng-random,id=random,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=random"],
    ...(disk ? ["-drive", `file=${disk},format=raw,if=virtio,cache=unsafe`] : []),
  ];
}

async function* lines(qemu: ChildProcess): AsyncIterable<string> {
  if (!qemu.stdout) return;
  for await (const line of createInterface({ input: qemu.stdout })) yield line.replace(/\r$/, "");
}

function ended(qemu: ChildProcess): Promise<void> {
  let said = "";
  qemu.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  return new Promise((resolve, reject) => {
    qemu.once("error", reject);
    qemu.once("close", (code, signal) => {
      if (code === 0 || signal !== null) resolve();
      else reject(new Error(`qemu ended with status ${code}: ${said.trim()}`));
    });
  });
}
