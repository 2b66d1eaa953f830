/** What processes on one adapter are known to each other by. `adapter` is the kernel's name, such as `hci0`. */

/** Held by the process that scans or connects through bluetoothd. */
export function adapterTurn(adapter: string): string {
  return `Bluetooth adapter ${adapter}`;
}

/** Presence of the processes that use it through bluetoothd. */
export function adapterUsers(adapter: string): string {
  return `Bluetooth adapter ${adapter} through bluetoothd`;
}

/** Held for life by a process that has it to itself on a raw socket. */
export function rawAdapter(adapter: string): string {
  return `Bluetooth adapter ${adapter} on a raw socket`;
}
