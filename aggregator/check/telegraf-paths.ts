/** Paths at which Telegraf's packages install its configuration. */
export const TELEGRAF_CONFIGURATION = ["/etc/telegraf/telegraf.conf", "/etc/telegraf/telegraf.d"] as const;
