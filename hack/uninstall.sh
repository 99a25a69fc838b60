#!/usr/bin/env bash
# Undoes install.sh: stops the agent, removes every pod and everything that the agent made, then the programs. Manifests and
# configuration in /etc/podagent stay.
set -euo pipefail
prefix=${PREFIX:-/usr/local}
if [ -d /run/systemd/system ] && [ -f /etc/systemd/system/podagent.service ]; then
  systemctl disable --now podagent || true
  rm -f /etc/systemd/system/podagent.service
  systemctl daemon-reload
fi
"$prefix/bin/podagent" cleanup
rm -f "$prefix/bin/podagent" "$prefix/bin/pod-sandbox" "$prefix/bin/podctl"
rm -rf "$prefix/share/doc/podagent" /run/podagent /var/lib/podagent
echo "uninstalled; /etc/podagent is left for you to remove"
