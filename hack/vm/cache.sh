# Sourced by the scripts beside it: where the parts of the virtual machine are kept between runs, and how they are made only once.

cache=${PODAGENT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/podagent}/vm
mkdir -p "$cache"

# cached NAME KEY COMMAND...: prints the path of the file that COMMAND wrote to the path it got as its last argument. COMMAND runs only when
# KEY (any text) is new; files of the same name and another key are removed.
cached() {
  local name=$1 key file
  key=$(sha256sum <<< "$2" | cut -c1-16)
  file=$cache/$name-$key
  shift 2
  # Two runs at the same time make a part once.
  exec 9> "$cache/$name.lock"
  flock 9
  if [ ! -e "$file" ]; then
    rm -rf "$cache/$name"-*
    "$@" "$file.new" >&2
    # Last, so that an interrupted run is not taken for a finished one.
    mv "$file.new" "$file"
  fi
  exec 9>&-
  echo "$file"
}
