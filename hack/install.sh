#!/usr/bin/env bash
# Installs the programs, the directories and, where systemd runs the machine, the unit.
#   install.sh FOLDER-OF-PROGRAMS
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:?usage: install.sh FOLDER}
prefix=${PREFIX:-/usr/local}
install -d "$prefix/bin" /etc/podagent/manifests "$prefix/share/doc/podagent"
install -m 755 "$bin/podagent" "$bin/pod-sandbox" "$bin/podctl" "$prefix/bin/"
install -m 644 README.md "$prefix/share/doc/podagent/"
echo "installed podagent, pod-sandbox and podctl in $prefix/bin"
if [ -d /run/systemd/system ]; then
  sed "s|/usr/local|$prefix|" manifests/podagent.service > /etc/systemd/system/podagent.service
  systemctl daemon-reload
  echo "start it with: systemctl enable --now podagent"
else
  echo "start it with: podagent"
fi
