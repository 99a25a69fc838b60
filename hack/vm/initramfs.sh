#!/usr/bin/env bash
# Prints the first file system of the machine: busybox, the drivers of its disks and network card, and guest/boot as /init.
#   initramfs.sh KERNEL-FOLDER
set -euo pipefail
kernel=$(realpath "$1")
cd "$(dirname "$0")"
. ./cache.sh

pack() (
  image=$1
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work"/{bin,dev,proc,sys,root,payload,drivers}
  cp /bin/busybox "$work/bin/"
  cp guest/boot "$work/init"
  # In the order in which they depend on one another.
  version=$(basename "$kernel"/lib/modules/*)
  number=0
  for driver in virtio_pci virtio_blk virtio_net; do
    modprobe -d "$kernel" -S "$version" --show-depends "$driver" | awk '$1 == "insmod" {print $2}'
  done | awk '!seen[$0]++' | while read -r module; do
    cp "$module" "$work/drivers/$(printf %02d $number)-$(basename "$module")"
    number=$((number + 1))
  done
  (cd "$work" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) > "$image"
)

cached initramfs "$kernel $(cat guest/boot initramfs.sh)" pack
