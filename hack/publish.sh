#!/usr/bin/env bash
# Compiles the three programs to native code and puts them, and nothing else, into one folder.
#   publish.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?usage: publish.sh FOLDER}
mkdir -p "$target"
stamp=$target/.stamp

# A program is compiled again only when something that goes into it has changed.
current=$(find src protos Directory.*.props Directory.Build.targets -type f \
  \( -name '*.cs' -o -name '*.csproj' -o -name '*.proto' -o -name '*.props' -o -name '*.targets' -o -name '*.json' -o -name '*.js' \) \
  -print0 | sort -z | xargs -0 sha256sum | sha256sum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$current" ] && [ -x "$target/podagent" ]; then
  exit 0
fi

for project in PodAgent.Sandbox.Process PodAgent PodAgent.Cli; do
  echo "compiling $project"
  MSBUILDDISABLENODEREUSE=1 dotnet publish "src/$project" -c Release --nologo -v quiet -o "artifacts/publish/$project"
done
for program in PodAgent.Sandbox.Process/pod-sandbox PodAgent/podagent PodAgent.Cli/podctl; do
  install -m 755 "artifacts/publish/$program" "$target/"
done
echo "$current" > "$stamp"
ls -l "$target" | awk 'NR > 1 {printf "  %-12s %5.1f MB\n", $9, $5 / 1048576}'
