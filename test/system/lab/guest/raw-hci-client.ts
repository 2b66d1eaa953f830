import noble, { type Peripheral } from "@abandonware/noble";

// A program that ignores the agents' locks: noble on the raw adapter, which connects to one device again and again.
const wanted = process.argv[2]?.toLowerCase();
const print = (line: string) => void process.stdout.write(`${line}\n`);

noble.on("stateChange", (state) => {
  if (state === "poweredOn") void noble.startScanningAsync([], true);
});
noble.on("discover", async (peripheral: Peripheral) => {
  if (peripheral.address !== wanted || peripheral.state !== "disconnected") return;
  await noble.stopScanningAsync();
  await peripheral.connectAsync();
  print(`connected to ${peripheral.address}`);
  await peripheral.discoverAllServicesAndCharacteristicsAsync();
  await peripheral.disconnectAsync();
  print(`disconnected from ${peripheral.address}`);
  await noble.startScanningAsync([], true);
});
