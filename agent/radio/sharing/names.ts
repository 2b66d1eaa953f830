/** Names of what processes share on one adapter. `adapter` is the kernel's name, such as `hci0`. */

/** The lease of the process that scans or connects through bluetoothd. */
export function leaseName(adapter: string): string {
  return `Bluetooth adapter ${adapter}`;
}

/** The presence of all processes that use it through bluetoothd. */
export function usersName(adapter: string): string {
  return `Bluetooth adapter ${adapter} through bluetoothd`;
}

/** The lock of a process that uses it alone, on a raw socket. */
export function rawLockName(adapter: string): string {
  return `Bluetooth adapter ${adapter} on a raw socket`;
}
