import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { NATIVE, packageOf } from "./packages.ts";

/*
 * The maintainer scripts on real dpkg, in a copy of this machine: an overlay in a mount namespace, which ends with the
 * process. It needs root.
 */

/** Runs a script in the copy, with the package at /bms.deb, and returns what it prints on stdout. */
function inCopy(script: string): string {
  const outer = `set -e
    copy=$(mktemp -d)
    trap 'umount -l "$copy/root" "$copy"; rmdir "$copy"' EXIT
    mount -t tmpfs copy "$copy"
    mkdir "$copy/upper" "$copy/work" "$copy/root"
    mount -t overlay copy -o lowerdir=/,upperdir="$copy/upper",workdir="$copy/work" "$copy/root"
    cp "$0" "$copy/root/bms.deb"
    mount -t tmpfs run "$copy/root/run"
    chroot "$copy/root" sh -ec "$1"`;
  const { status, stdout, stderr } = spawnSync("unshare", ["--mount", "sh", "-c", outer, packageOf(NATIVE), script], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr + stdout);
  return stdout;
}

const canCopy = spawnSync("unshare", ["--mount", "true"]).status === 0;
const skip = !canCopy && "NOT SHOWN: mounting needs root";
const INSTALL = "dpkg --force-depends --install /bms.deb >/dev/null 2>&1";
/** Remains of the package, its user and its data. */
const LEFT = `find /etc /var/lib /usr/bin /usr/lib/systemd /run -xdev -maxdepth 4 -name '*bms*' | sort; getent passwd bms bms-viewer || true; getent group bms bms-viewer bms-settings || true`;

test("passwords in environment files move to files of root alone, whatever their quotes", { skip }, () => {
  const seen = inCopy(`
    mkdir -p /etc/bms/agents
    cd /etc/bms/agents
    printf '%s\\n' BMS_ADDRESS=A4:C1:37:00:00:01 BMS_PIN=123456 BMS_INTERVAL=5 >plain.env
    printf '%s\\n' 'BMS_PIN="1 \\"2\\$3\\\\4"' >quoted.env
    printf '%s\\n' "BMS_PIN='a b\\"c'" >single.env
    printf '%s\\n' BMS_ADDRESS=A4:C1:37:00:00:02 >open.env
    ${INSTALL}
    cd /etc/bms/pins
    stat -c '%a %U %n' . *
    cat plain quoted single
    cat ../agents/*.env`);
  assert.deepEqual(seen.trimEnd().split("\n"), [
    "700 root .",
    "600 root plain",
    "600 root quoted",
    "600 root single",
    "123456",
    '1 "2$3\\4',
    'a b"c',
    "BMS_ADDRESS=A4:C1:37:00:00:02",
    "BMS_ADDRESS=A4:C1:37:00:00:01",
    "BMS_INTERVAL=5",
  ]);
});

test("removal keeps batteries and undelivered readings and says so; purge leaves nothing", { skip }, () => {
  const seen = inCopy(`
    { ${LEFT}; } >/before
    ${INSTALL}
    mkdir -p /var/lib/bms/agent-solar /run/bms-agent/solar
    echo readings >/var/lib/bms/agent-solar/1.spool
    install -D -o bms-viewer -m 640 /dev/null /var/lib/bms/viewer/history.sqlite
    echo 123456 >/etc/bms/pins/solar
    echo BMS_ADDRESS=A4:C1:37:00:00:01 >/etc/bms/agents/solar.env
    echo key >/etc/bms/host.key
    echo shed >/etc/bms/hosts
    touch /etc/bms/joined
    install -D -m 640 /dev/null /var/lib/bms/aggregator/meters
    cd /etc/systemd/system
    install -D -m 644 /usr/share/bms/drop-ins/aggregator-network.conf bms-aggregator.service.d/aggregator-network.conf
    install -D -m 644 /usr/share/bms/drop-ins/agent-network.conf bms-agent@.service.d/agent-network.conf
    dpkg --remove bms | grep '^bms:'
    cat /var/lib/bms/agent-solar/1.spool /etc/bms/pins/solar /etc/bms/agents/solar.env
    cat /etc/bms/host.key /etc/bms/hosts
    LC_ALL=C ls -d /etc/bms/joined bms-*.d/* /var/lib/bms/aggregator/meters /var/lib/bms/viewer/*
    ls /run/bms-agent /usr/lib/bms 2>/dev/null || true
    ${INSTALL}
    cat /var/lib/bms/agent-solar/1.spool
    dpkg --purge bms >/dev/null
    { ${LEFT}; } >/after
    diff /before /after`);
  assert.deepEqual(seen.trimEnd().split("\n"), [
    "bms: 9 bytes of readings that Telegraf had not confirmed stay in /var/lib/bms until apt purge bms",
    "readings",
    "123456",
    "BMS_ADDRESS=A4:C1:37:00:00:01",
    "key",
    "shed",
    "/etc/bms/joined",
    "/var/lib/bms/aggregator/meters",
    "/var/lib/bms/viewer/history.sqlite",
    "bms-agent@.service.d/agent-network.conf",
    "bms-aggregator.service.d/aggregator-network.conf",
    "readings",
  ]);
});

test("the viewer passes through /run/bms to the live feed, and to nothing else", { skip }, () => {
  const seen = inCopy(`
    ${INSTALL}
    mount -t proc proc /proc
    systemd-tmpfiles --create bms.conf
    as() { user=$1; shift; setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@" 2>/dev/null && echo "$user may" || echo "$user may not"; }
    touch /run/bms/live.sock /run/bms/readings.sock
    chown bms:bms /run/bms/*.sock
    chmod 666 /run/bms/live.sock; chmod 660 /run/bms/readings.sock
    # As systemd does when the aggregator starts.
    chmod 750 /run/bms
    as bms-viewer test -w /run/bms/live.sock
    as bms-viewer test -w /run/bms/readings.sock
    as bms-viewer ls /run/bms
    as bms-viewer ls /run/bms/locks
    as nobody test -w /run/bms/live.sock
    stat -c '%a %U %G' /etc/bms/alerts.toml`);
  assert.deepEqual(seen.trimEnd().split("\n"), [
    "bms-viewer may",
    "bms-viewer may not",
    "bms-viewer may not",
    "bms-viewer may not",
    "nobody may not",
    "640 root bms-viewer",
  ]);
});
