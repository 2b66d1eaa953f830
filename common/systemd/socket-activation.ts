/** Environment of a service that is started with its listening sockets (sd_listen_fds(3)). */
export interface ActivationEnvironment {
  readonly LISTEN_PID?: string | undefined;
  readonly LISTEN_FDS?: string | undefined;
}

const FIRST_DESCRIPTOR = 3;
const MAX_DESCRIPTORS = 16;

/** Descriptors of the listening sockets that systemd has opened for the process `pid`; none without socket activation. */
export function activatedDescriptors({ LISTEN_PID, LISTEN_FDS }: ActivationEnvironment, pid: number): number[] {
  const count = Number(LISTEN_FDS);
  if (LISTEN_PID !== String(pid) || !Number.isSafeInteger(count) || count < 1) return [];
  return Array.from({ length: Math.min(count, MAX_DESCRIPTORS) }, (_, i) => FIRST_DESCRIPTOR + i);
}
