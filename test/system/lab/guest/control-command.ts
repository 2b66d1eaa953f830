import { sendCommand } from "./controller-client.ts";

// `simulator WORDS…` in the machine's shell: sends one command to the virtual controller.
try {
  const devices = await sendCommand(process.argv.slice(2).join(" "));
  for (const { address, isConnected, faults } of devices) {
    process.stdout.write(`${address}  ${isConnected ? "held" : "free"}  ${faults.join(" ")}\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
