#!/bin/sh
# The first process of the lab's machine: mounts, kernel modules, then the scenario. The machine goes off when that ends.
export PATH=/usr/bin:/usr/sbin HOME=/root TERM=vt100
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /share
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
chmod 1777 /tmp
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/dbus
# The clock is set by the host. Agents look here for that.
mkdir -p /run/systemd/timesync
touch /run/systemd/timesync/synchronized
# The random generator comes first: without it the kernel's ecdh fails its self-test, and then no adapter can pair.
for module in ctr sha512_generic drbg cmac ecb ecdh_generic virtio_pci 9pnet_virtio 9p virtio_rng \
  bluetooth hci_vhci uhid algif_hash algif_skcipher; do modprobe "$module"; done
ip link set lo up
hostname lab
# The ordinary user who runs the agents and the aggregator.
echo 'bms:x:1000:1000::/tmp:/bin/sh' >>/etc/passwd
echo 'bms:x:1000:' >>/etc/group
echo 'simulator() { node /opt/bms/lab/control.js "$@"; }' >>/etc/profile
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 share /share
cd /share
# Messages to the host have a serial port of their own: the kernel's lines cannot break them.
stty -F /dev/ttyS1 raw -echo
# shellcheck disable=SC2046 # Several words.
node /opt/bms/lab/guest.js $(sed 's/.*words=//; s/ .*//; s/,/ /g' /proc/cmdline)
sync
echo o >/proc/sysrq-trigger
sleep 60
