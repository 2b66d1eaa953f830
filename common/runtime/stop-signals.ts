/** Signals that ask a program to stop: Ctrl-C; kill or systemd; the end of its terminal or SSH session. */
export const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
