#!/usr/bin/env bash
# Makes a minimal Debian root from the package sources that this machine uses itself: its mirrors, proxies and credentials.
#   [SUITE=bookworm] debian.sh FOLDER PACKAGE...
set -euo pipefail
folder=$1
shift
packages=$*
suite=${SUITE:-bookworm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Both notations of sources (sources.list, *.sources) come out as one; only Debian's own, whose keys the new root has.
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' | sort -u | grep ' bookworm' > "$work/sources.list"
apt-config dump Acquire | grep -v '::IndexTargets' > "$work/acquire.conf"

if [ "$suite" != bookworm ]; then
  # From the same mirror; updates and security have other names there.
  sed -n -i "s/ bookworm main/ $suite main/p" "$work/sources.list"
fi

echo "installing Debian with ${packages:-nothing more}"
if ! mmdebstrap --quiet --mode=root --format=directory --variant=minbase --aptopt="$work/acquire.conf" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --setup-hook='for auth in /etc/apt/auth.conf /etc/apt/auth.conf.d; do [ ! -e $auth ] || cp -a $auth "$1/etc/apt/"; done' \
    ${packages:+--include="${packages// /,}"} "$suite" "$folder" "$work/sources.list" 2> "$work/log"; then
  cat "$work/log" >&2
  exit 1
fi
