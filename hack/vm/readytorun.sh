#!/usr/bin/env bash
# Compiles the assemblies in test output folders to machine code, in place: on an emulated processor most of a test's time would go into
# compiling at run time. The runtime still compiles what it finds not to fit. Results are kept beside the other parts.
#   readytorun.sh FOLDER...
set -euo pipefail
folders=$(realpath "$@")
cd "$(dirname "$0")"
. ./cache.sh

dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
version=$(dotnet --list-runtimes | sed -n 's/^Microsoft\.NETCore\.App \([0-9.]*\) .*/\1/p' | sort -V | tail -1)

# The compiler comes with the SDK's knowledge of which version fits: a project that asks for nothing else gets it from NuGet.
find_compiler() (
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cat > "$work/compiler.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net${version%.*}</TargetFramework>
    <RuntimeIdentifier>linux-x64</RuntimeIdentifier>
    <PublishReadyToRun>true</PublishReadyToRun>
    <SelfContained>false</SelfContained>
  </PropertyGroup>
  <Target Name="Compiler" DependsOnTargets="ResolveFrameworkReferences">
    <WriteLinesToFile File="$1" Lines="@(ResolvedCrossgen2Pack->'%(PackageDirectory)/tools/crossgen2')" />
  </Target>
</Project>
PROJECT
  dotnet restore "$work" --nologo -v quiet
  dotnet msbuild "$work" -t:Compiler -nologo -v:quiet
)
compiler=$(cat "$(cached crossgen2 "$version $(dotnet --version) $(cat readytorun.sh)" find_compiler)")
if [ ! -x "$compiler" ]; then
  rm -f "$cache"/crossgen2-*
  echo "error: $compiler is not there" >&2
  exit 1
fi

# Generic code over types of several assemblies, and code inlined from other assemblies, goes into the one that needs it.
options=(--targetos linux --targetarch x64 -O --non-local-generics-module:"*" --opt-cross-module:"*"
  -r "$dotnet/shared/Microsoft.NETCore.App/$version/*.dll" -r "$dotnet/shared/Microsoft.AspNetCore.App/$version/*.dll")
for folder in $folders; do options+=(-r "$folder/*.dll"); done
mkdir -p "$cache/readytorun"
find "$cache/readytorun" -type f -mtime +14 -delete

for file in $(for folder in $folders; do find "$folder" -maxdepth 1 -name '*.dll' ! -name 'Microsoft.*' ! -name 'testhost*' ! -name 'Newtonsoft.*'; done); do
  kept=$cache/readytorun/$({ cat "$file"; echo "$version ${options[*]::6}"; } | sha256sum | cut -c1-32)
  if [ ! -e "$kept" ]; then
    "$compiler" "$file" -o "$kept.$$" "${options[@]}" > /dev/null
    mv "$kept.$$" "$kept"
  fi
  touch "$kept"
  cp "$kept" "$file"
done
