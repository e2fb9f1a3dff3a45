set -eu
# Copies what the image has in $1 into the volume at $2, as long as that is empty.
seed() {
  mark=$2/.longshore-seed
  if [ ! -d "$1" ] || is_empty "$1" || ! { [ -s "$mark" ] || is_empty "$2"; }; then return; fi
  exec 9>>"$mark"
  if command -v flock > /dev/null; then flock 9; fi
  # Another pod may have been faster; a mark with text is that of a copy that was cut short.
  if [ -s "$mark" ] || is_empty "$2"; then
    echo unfinished >&9
    for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
      if [ ! -e "$entry" ] && [ ! -L "$entry" ]; then continue; fi
      cp -a "$entry" "$2/" 2> /dev/null || cp -RP "$entry" "$2/"
    done
    if [ "$(id -u)" = 0 ]; then
      chown "$(stat -c %u:%g "$1")" "$2" && chmod "$(stat -c %a "$1")" "$2" || true
    fi
  fi
  rm -f "$mark"
}
is_empty() {
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ ! -e "$entry" ] && [ ! -L "$entry" ]; then continue; fi
    case ${entry##*/} in lost+found | .longshore-seed) ;; *) return 1 ;; esac
  done
}
while [ $# -gt 1 ]; do
  seed "$1" "$2"
  shift 2
done
