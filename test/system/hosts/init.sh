#!/bin/sh
# The first process of the machine of two hosts: mounts, kernel modules, then the suite. The machine goes off when that ends.
export PATH=/usr/bin:/usr/sbin HOME=/root TERM=vt100
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /share
mount -t tmpfs tmpfs /tmp
chmod 1777 /tmp
mount -t tmpfs -o mode=755 tmpfs /run
# The clock is set by the host. Agents look here for that.
mkdir -p /run/systemd/timesync
touch /run/systemd/timesync/synchronized
for module in virtio_pci 9pnet_virtio 9p virtio_rng veth sch_netem nf_conntrack_netlink nft_ct nft_chain_nat nft_masq; do
  modprobe "$module"
done
ip link set lo up
# Each host lays a file of its own over it.
echo '127.0.0.1 localhost' >/etc/hosts
hostname hosts
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 share /share
# Messages to the host have a serial port of their own: the kernel's lines cannot break them.
stty -F /dev/ttyS1 raw -echo
# shellcheck disable=SC2046 # Several words.
node --enable-source-maps /opt/bms/hosts/guest.js $(sed 's/.*words=//; s/ .*//; s/,/ /g' /proc/cmdline) >/dev/ttyS1 2>&1
sync
echo o >/proc/sysrq-trigger
sleep 60
