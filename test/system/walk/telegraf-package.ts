import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The files and modes of InfluxData's package, as far as the pages meet them. It makes no /var/lib/telegraf. */
const FILES: Readonly<Record<string, readonly [mode: number, text: string]>> = {
  "DEBIAN/control": [
    0o644,
    "Package: telegraf\nVersion: 1.37.2-1\nArchitecture: amd64\nMaintainer: nobody <nobody@localhost>\nDescription: Telegraf\n",
  ],
  "DEBIAN/preinst": [
    0o755,
    "#!/bin/sh\nid telegraf >/dev/null 2>&1 || useradd --system --user-group --no-create-home -d /etc/telegraf -s /bin/false telegraf\n",
  ],
  "DEBIAN/postinst": [
    0o755,
    "#!/bin/sh\nset -e\ntouch /etc/default/telegraf\nsystemctl daemon-reload\nsystemctl --quiet enable telegraf\n",
  ],
  "etc/telegraf/telegraf.conf": [0o644, '[agent]\n  interval = "10s"\n  flush_interval = "10s"\n'],
  "etc/telegraf/telegraf.d/.keep": [0o644, ""],
  "lib/systemd/system/telegraf.service": [
    0o644,
    [
      "[Unit]\nDescription=Telegraf\nAfter=network-online.target\nWants=network-online.target\n",
      "[Service]\nType=notify\nNotifyAccess=all\nEnvironmentFile=-/etc/default/telegraf\nUser=telegraf",
      // Telegraf locks memory for passwords. A host's container may not raise the limit below.
      "AmbientCapabilities=CAP_IPC_LOCK",
      "ExecStart=/usr/bin/telegraf -config /etc/telegraf/telegraf.conf -config-directory /etc/telegraf/telegraf.d $TELEGRAF_OPTS",
      "ExecReload=/bin/kill -HUP $MAINPID\nRestart=on-failure\nRestartForceExitStatus=SIGPIPE\nKillMode=mixed",
      "LimitMEMLOCK=8M:8M\nPrivateMounts=true\n",
      "[Install]\nWantedBy=multi-user.target\n",
    ].join("\n"),
  ],
};

/** Makes a package of a Telegraf that behaves as InfluxData's. Returns its file. */
export function makeTelegrafPackage(telegraf: string, folder: string): string {
  const stage = mkdtempSync(join(tmpdir(), "bms-telegraf-"));
  const file = join(folder, "telegraf_1.37.2-1_amd64.deb");
  chmodSync(stage, 0o755);
  for (const [path, [mode, text]] of Object.entries(FILES)) {
    mkdirSync(join(stage, path, ".."), { recursive: true });
    writeFileSync(join(stage, path), text, { mode });
  }
  cpSync(telegraf, join(stage, "usr/bin/telegraf"), { recursive: true });
  execFileSync("dpkg-deb", ["--root-owner-group", "-Znone", "--build", stage, file], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  rmSync(stage, { recursive: true });
  return file;
}
