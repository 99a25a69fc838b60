#!/usr/bin/env bash
# Images that stand in for those a CRI validation suite pulls, made from Debian packages and the suite's names for them.
#   standins.sh build FOLDER          an OCI layout in FOLDER, with references.tsv: reference, media type, digest
#   standins.sh push FOLDER URL       sends all of it to a registry, below the path of each reference
#   standins.sh archive FOLDER FILE   one tar of the layout that carries every reference, for `podctl image import`
set -euo pipefail

# Debian's dynamic busybox, not busybox-static: the static one runs ls inside the shell even where /bin/ls is masked.
packages=(busybox bash-static nginx libcrypt1 libpcre2-8-0 libssl3 zlib1g libc6)
search_path=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

build() {
  mkdir -p "$1"
  layout=$(realpath "$1")
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$layout/blobs/sha256"
  printf '{"imageLayoutVersion":"1.0.0"}' > "$layout/oci-layout"
  : > "$layout/references.tsv"

  unpack_packages
  base=$(busybox_root | layer)
  nginx=$(nginx_root 80 | layer)
  hostnet=$(nginx_root 12003 | layer)
  httpd=$(httpd_root | layer)
  privileges=$(setuid_root | layer)

  # Columns: label, media types, "index" for a multi-platform one, user, default command as JSON, layers; references follow.
  image busybox        oci    index '' '["sh"]' "$base"; name registry.k8s.io/e2e-test-images/busybox:1.29-2
  image nginx          docker plain '' '["/usr/sbin/nginx","-g","daemon off;"]' "$base" "$nginx"; name registry.k8s.io/e2e-test-images/nginx:1.14-2
  image hostnet-nginx  oci    plain '' '["/usr/sbin/nginx","-g","daemon off;"]' "$base" "$hostnet"; name gcr.io/k8s-staging-cri-tools/hostnet-nginx-amd64:latest
  image httpd          docker index '' '["sh","-c","echo httpd: started >&2; exec httpd -f -v -p 80 -h /www"]' "$base" "$httpd"; name registry.k8s.io/e2e-test-images/httpd:2.4.39-4
  image nonewprivs     oci    plain '' '["/bin/bash","-p","-c","echo \"Effective uid: $EUID\""]' "$base" "$privileges"; name registry.k8s.io/e2e-test-images/nonewprivs:1.3
  image pause          oci    index '' '["sh","-c","trap \"exit 0\" TERM INT; while :; do sleep 1; done"]' "$base"; name registry.k8s.io/pause:3.9 k8s.gcr.io/pause:3.9
  local staging=gcr.io/k8s-staging-cri-tools
  image image-latest   docker plain '' '["sh"]' "$base"; name $staging/test-image-latest:latest
  image image-tag      oci    index '' '["sh"]' "$base"; name $staging/test-image-tag:test
  image image-all      docker index '' '["sh"]' "$base"; name $staging/test-image-tag:all
  for n in 1 2 3; do
    image "image-$n"   oci    plain '' '["sh"]' "$base"; name "$staging/test-image-$n:latest"
  done
  image image-tags     docker plain '' '["sh"]' "$base"; name $staging/test-image-tags:1 $staging/test-image-tags:2 $staging/test-image-tags:3
  image user-uid            oci plain 1002           '["sh"]' "$base"; name $staging/test-image-user-uid:latest
  image user-username       oci plain www-data       '["sh"]' "$base"; name $staging/test-image-user-username:latest
  image user-uid-group      oci plain 1003:1004      '["sh"]' "$base"; name $staging/test-image-user-uid-group:latest
  image user-username-group oci plain www-data:1004  '["sh"]' "$base"; name $staging/test-image-user-username-group:latest
  image predefined-group    oci plain 1000           '["sh"]' "$base"; name $staging/test-image-predefined-group:latest
  for tag in 1.35.0-glibc 1-uclibc 1 1-glibc 1-musl; do
    image "benchmark-$tag" oci plain '' '["sh"]' "$base"; name "public.ecr.aws/docker/library/busybox:$tag"
  done

  awk -F'\t' 'BEGIN {printf "{\"schemaVersion\":2,\"manifests\":["}
    {printf "%s{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"annotations\":{\"io.containerd.image.name\":\"%s\",\"org.opencontainers.image.ref.name\":\"%s\"}}", (NR > 1 ? "," : ""), $2, $3, $4, $1, $1}
    END {printf "]}"}' "$layout/references.tsv" > "$layout/index.json"
}

unpack_packages() {
  mkdir -p "$work/debs" "$work/packages"
  (cd "$work/debs" && apt-get download -qq -o APT::Sandbox::User=root "${packages[@]}")
  for package in "$work"/debs/*.deb; do dpkg-deb -x "$package" "$work/packages"; done
}

# Each root is a folder whose tar goes to standard output.
archive_of() { tar --sort=name --mtime=@1 --numeric-owner --owner=0 --group=0 -C "$1" -c .; }

# Copies a program's shared libraries to where the program looks for them.
library() {
  local root=$1; shift
  mkdir -p "$root/lib/x86_64-linux-gnu" "$root/lib64"
  for name in "$@"; do
    cp -L "$(find "$work/packages" -name "$name" | head -n 1)" "$root/lib/x86_64-linux-gnu/"
  done
}

busybox_root() {
  local root=$work/busybox
  mkdir -p "$root"/{bin,dev,etc,home,lib64,mnt,proc,root,run,sbin,sys,tmp,usr/bin,usr/sbin,var/lib,var/log}
  chmod 1777 "$root/tmp"
  cp "$work/packages/bin/busybox" "$root/bin/busybox"
  library "$root" libc.so.6 libresolv.so.2 ld-linux-x86-64.so.2
  cp "$root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$root/lib64/"
  # Hard links: a mask over one applet must not reach the others through a symbolic link.
  local applet
  for applet in $(chroot "$root" /bin/busybox --list); do
    [ "$applet" = busybox ] || ln "$root/bin/busybox" "$root/bin/$applet"
  done
  cat > "$root/bin/pgrep" <<'PROGRAM'
#!/bin/sh
found=1
for process in /proc/[0-9]*; do
  { read -r name < "$process/comm"; } 2>/dev/null || continue
  case "$name" in *"$1"*) [ "${process#/proc/}" = "$$" ] || { echo "${process#/proc/}"; found=0; } ;; esac
done
exit $found
PROGRAM
  printf '#!/bin/sh\nexec cat /proc/sysvipc/shm\n' > "$root/bin/ipcs"
  chmod 755 "$root/bin/pgrep" "$root/bin/ipcs"
  printf '%s\n' root:x:0:0:root:/root:/bin/sh www-data:x:33:33:www-data:/var/www:/bin/sh default-user:x:1000:1000::/home:/bin/sh \
    nobody:x:65534:65534:nobody:/nonexistent:/bin/false > "$root/etc/passwd"
  printf '%s\n' root:x:0: www-data:x:33: default-user:x:1000: group-defined-in-image:x:50000:default-user nogroup:x:65534: > "$root/etc/group"
  archive_of "$root"
}

nginx_root() {
  local root=$work/nginx-$1
  mkdir -p "$root"/{etc/nginx,usr/sbin,usr/share/nginx/html,run,var/log/nginx,var/lib/nginx}
  ln -s ../run "$root/var/run"
  cp "$work/packages/usr/sbin/nginx" "$root/usr/sbin/"
  library "$root" libcrypt.so.1 libpcre2-8.so.0 libssl.so.3 libcrypto.so.3 libz.so.1
  echo "nginx stands in" > "$root/usr/share/nginx/html/index.html"
  cat > "$root/etc/nginx/nginx.conf" <<CONFIGURATION
user www-data;
worker_processes 1;
pid /run/nginx.pid;
error_log stderr;
events {}
http { access_log off; server { listen $1; root /usr/share/nginx/html; } }
CONFIGURATION
  archive_of "$root"
}

httpd_root() {
  mkdir -p "$work/httpd/www"
  echo "httpd stands in" > "$work/httpd/www/index.html"
  archive_of "$work/httpd"
}

# A program that keeps what its setuid bit gives it; busybox would drop it.
setuid_root() {
  mkdir -p "$work/setuid/bin"
  cp "$work/packages/bin/bash-static" "$work/setuid/bin/bash"
  chmod 4755 "$work/setuid/bin/bash"
  archive_of "$work/setuid"
}

# Stores standard input as a blob; prints digest and size.
blob() {
  local file=$layout/blobs/new.$BASHPID digest
  cat > "$file"
  digest=$(sha256sum < "$file" | cut -d' ' -f1)
  mv "$file" "$layout/blobs/sha256/$digest"
  echo "sha256:$digest $(stat -c %s "$layout/blobs/sha256/$digest")"
}

# Stores a layer from the tar at standard input; prints digest, size and the digest of what it unpacks to.
layer() {
  local tar; tar=$(mktemp -p "$work")
  cat > "$tar"
  echo "$(gzip -n < "$tar" | blob) sha256:$(sha256sum < "$tar" | cut -d' ' -f1)"
  rm "$tar"
}

# Stores configuration, manifest and perhaps index; leaves the outermost of them in $described.
image() {
  local label=$1 form=$2 platforms=$3 user=$4 command=$5; shift 5
  local manifest_type=application/vnd.oci.image.manifest.v1+json config_type=application/vnd.oci.image.config.v1+json
  local layer_type=application/vnd.oci.image.layer.v1.tar+gzip index_type=application/vnd.oci.image.index.v1+json
  if [ "$form" = docker ]; then
    manifest_type=application/vnd.docker.distribution.manifest.v2+json config_type=application/vnd.docker.container.image.v1+json
    layer_type=application/vnd.docker.image.rootfs.diff.tar.gzip index_type=application/vnd.docker.distribution.manifest.list.v2+json
  fi

  local layers='' contents='' digest size content one
  for one in "$@"; do
    read -r digest size content <<< "$one"
    layers+=${layers:+,}"{\"mediaType\":\"$layer_type\",\"digest\":\"$digest\",\"size\":$size}"
    contents+=${contents:+,}"\"$content\""
  done

  # The label makes each identifier its own; without it images of the same layers would be one image with many tags.
  read -r digest size < <(printf '{"architecture":"amd64","os":"linux","config":{"User":"%s","Env":["%s"],"Cmd":%s,"WorkingDir":"/","Labels":{"stand-in":"%s"}},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
    "$user" "$search_path" "$command" "$label" "$contents" | blob)
  read -r digest size < <(printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":%d},"layers":[%s]}' \
    "$manifest_type" "$config_type" "$digest" "$size" "$layers" | blob)
  described="$manifest_type $digest $size"
  if [ "$platforms" = index ]; then
    read -r digest size < <(printf '{"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","digest":"%s","size":%d,"platform":{"architecture":"amd64","os":"linux"}}]}' \
      "$index_type" "$manifest_type" "$digest" "$size" | blob)
    described="$index_type $digest $size"
  fi
}

# Gives the image just made its references.
name() {
  local reference type digest size
  read -r type digest size <<< "$described"
  for reference in "$@"; do printf '%s\t%s\t%s\t%s\n' "$reference" "$type" "$digest" "$size" >> "$layout/references.tsv"; done
}

push() {
  local layout=$1 url=$2 reference type digest size repository
  while IFS=$'\t' read -r reference type digest size; do
    repository=${reference#*/}
    push_manifest "${repository%:*}" "${repository##*:}" "$type" "${digest#sha256:}"
  done < "$layout/references.tsv"
}

# Sends what a manifest or index names before itself, as registries demand.
push_manifest() {
  local repository=$1 reference=$2 type=$3 digest=$4 child
  local file=$layout/blobs/sha256/$digest
  case $type in
    *index* | *list*)
      while read -r child; do push_manifest "$repository" "sha256:$child" "$(media_type "$child")" "$child"; done < <(children "$file") ;;
    *)
      while read -r child; do push_blob "$repository" "$child"; done < <(children "$file") ;;
  esac
  curl -fsS -o /dev/null -X PUT -H "Content-Type: $type" --data-binary "@$file" "$url/v2/$repository/manifests/$reference"
}

push_blob() {
  local repository=$1 digest=$2 upload
  curl -fsI -o /dev/null "$url/v2/$repository/blobs/sha256:$digest" 2>/dev/null && return
  upload=$(curl -fsS -X POST -o /dev/null -D - "$url/v2/$repository/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  case $upload in *\?*) upload+="&" ;; *) upload+="?" ;; esac
  curl -fsS -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$layout/blobs/sha256/$digest" "${upload}digest=sha256:$digest"
}

children() { grep -o 'sha256:[0-9a-f]*' "$1" | cut -d: -f2; }

media_type() { sed -n 's/^{"schemaVersion":2,"mediaType":"\([^"]*\)".*/\1/p' "$layout/blobs/sha256/$1"; }

case ${1:-} in
  build) build "${2:?usage: standins.sh build FOLDER}" ;;
  push) push "${2:?usage: standins.sh push FOLDER URL}" "${3:?usage: standins.sh push FOLDER URL}" ;;
  archive) tar -C "${2:?usage: standins.sh archive FOLDER FILE}" -cf "${3:?usage: standins.sh archive FOLDER FILE}" oci-layout index.json blobs ;;
  *) echo "usage: standins.sh build FOLDER | push FOLDER URL | archive FOLDER FILE" >&2; exit 2 ;;
esac
