import type { Machine } from "./machines.ts";
import type { Terminal } from "./terminal.ts";

/** Seconds from one reading to the next. */
const INTERVAL_S = 1;
/** The simulator's socket in a machine. */
const SOCKET = "/run/batteries/simulator.sock";

/** Installs the packages bms and Telegraf as docs/install.md does: steps 3 and 4, without a database. */
export async function installSite({ run }: Terminal): Promise<void> {
  await run(`
    sudo apt install -y /share/bms_*.deb telegraf
    sudo cp /usr/share/bms/telegraf/battery.conf /etc/telegraf/telegraf.d/
    sudo systemctl daemon-reload`);
}

/** Installs what docs/install.md does where the database is: bms, Telegraf and VictoriaMetrics, and the way between them. */
export async function installHouse(terminal: Terminal): Promise<void> {
  await installSite(terminal);
  await installVictoriaMetrics(terminal);
  await terminal.run(`
    sudo sed -i '/^## VictoriaMetrics/,/^$/s/^# //' /etc/telegraf/telegraf.d/battery.conf
    sudo systemctl restart telegraf`);
}

/** Adds the battery `solar` as docs/install.md does, behind the simulated radio, as the machine has no Bluetooth. */
export async function addBattery(machine: Machine, { run }: Terminal): Promise<void> {
  machine.run(`
    printf '%s\\n' BMS_RADIO=simulated BMS_SIMULATOR=${SOCKET} >>/etc/bms/common.env
    systemd-run --quiet --unit=batteries --uid=bms --gid=bms --property=RuntimeDirectory=batteries --property=UMask=0007 \
      /usr/lib/bms/node /share/simulator/simulator.js --socket ${SOCKET} --thornwave 1
    for i in $(seq 100); do [ -S ${SOCKET} ] && break; sleep 0.1; done`);
  await run(`sudo BMS_RADIO=simulated BMS_SIMULATOR=${SOCKET} bmsctl add solar -b C0:00:00:00:00:01 -i ${INTERVAL_S}`);
}

/** Installs VictoriaMetrics as docs/install.md does. */
export async function installVictoriaMetrics({ run }: Terminal): Promise<void> {
  await run(`
    sudo apt install -y victoria-metrics
    sudo sed -i 's|^ARGS="|&-dedup.minScrapeInterval=1ms -retentionPeriod=10y |' /etc/default/victoria-metrics
    sudo systemctl restart victoria-metrics`);
}
