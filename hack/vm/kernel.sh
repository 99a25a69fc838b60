#!/usr/bin/env bash
# Prints a folder with Debian's cloud kernel (vmlinuz, lib/modules); the package is unpacked, not installed.
set -euo pipefail
cd "$(dirname "$0")"
. ./cache.sh

package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -1)
version=$(apt-cache policy "${package:-linux-image-cloud-amd64}" | sed -n 's/^ *Candidate: //p')
if [ -z "$package" ] || [ -z "$version" ]; then
  echo "error: apt knows no linux-image-cloud-amd64; run apt-get update" >&2
  exit 1
fi

unpack() (
  folder=$1
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  echo "fetching $package"
  (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$package")
  dpkg-deb -x "$work"/*.deb "$work/root"
  depmod -b "$work/root" "$(basename "$work"/root/lib/modules/*)"
  mkdir -p "$folder"
  cp "$work"/root/boot/vmlinuz-* "$folder/vmlinuz"
  mv "$work/root/lib" "$folder/lib"
)

cached kernel "$package $version $(cat kernel.sh)" unpack
