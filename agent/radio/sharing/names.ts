/** Names of what processes share on one adapter. `adapter` is the kernel's name, such as `hci0`. */

/** The lease of the process that scans or connects through bluetoothd. */
export function leaseName(adapter: string): string {
  return `Bluetooth adapter ${adapter}`;
}

/** The lease of the process that scans for all those that listen to advertisements on it. */
export function listeningName(adapter: string): string {
  return `listening on Bluetooth adapter ${adapter}`;
}

/** The use of the adapter: shared by the processes that use it through bluetoothd, exclusive on a raw socket. */
export function useName(adapter: string): string {
  return `use of Bluetooth adapter ${adapter}`;
}
