import noble, { type Peripheral } from "@abandonware/noble";

// A program that knows nothing of claims: noble on the raw adapter, connecting to a device of its own again and again.
const wanted = process.argv[2]?.toLowerCase();
const say = (line: string) => void process.stdout.write(`${line}\n`);

noble.on("stateChange", (state) => {
  if (state === "poweredOn") void noble.startScanningAsync([], true);
});
noble.on("discover", async (peripheral: Peripheral) => {
  if (peripheral.address !== wanted || peripheral.state !== "disconnected") return;
  await noble.stopScanningAsync();
  await peripheral.connectAsync();
  say(`connected to ${peripheral.address}`);
  await peripheral.discoverAllServicesAndCharacteristicsAsync();
  await peripheral.disconnectAsync();
  say(`disconnected from ${peripheral.address}`);
  await noble.startScanningAsync([], true);
});
