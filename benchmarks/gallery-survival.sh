#!/usr/bin/env bash
# What a gallery file lives through: processes killed at random moments, four writers at once, a full disk.
#
#   benchmarks/gallery-survival.sh [kills] [volumes]        (100 and 60 when nothing is said)
#
# Needs the built module (dotnet tool restore && dotnet pwsh build.ps1). The full disk needs root, for a small tmpfs, and is left out without it.
# Ends with 0 when all holds, otherwise with 1 at the first thing that does not. A kill takes two starts of the shell and an ingest.
set -euo pipefail
kills=${1:-100} volumes=${2:-60}
root=$(cd "$(dirname "$0")/.." && pwd)
[ -e "$root/out/MriLink/MriLink.psd1" ] || { echo "Build first: dotnet tool restore && dotnet pwsh build.ps1" >&2; exit 1; }
# The tool's own program: "dotnet pwsh" would start it as a child, and a process is to be killed by its number.
shell=$(cd "$root" && dotnet pwsh -NoProfile -Command '"$PSHOME/pwsh"')
export PSModulePath=$root/out NO_COLOR=1 POWERSHELL_TELEMETRY_OPTOUT=1
work=$(mktemp -d)
mounted=
cleanup() { [ -z "$mounted" ] || umount "$mounted"; rm -rf "$work"; }
trap cleanup EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

# Volumes of one brain under many labels, without preprocessing each; at 4 mm, so that little of an ingest is reading and packing, and
# most moments at which it can be killed lie in the gallery's own work.
export MRILINK_WORK=$work
"$shell" -NoProfile -Command '$w = $env:MRILINK_WORK; New-MriSimulatedCohort -ParticipantNumber 1 -SessionNumber 1 -Seed 1 | Invoke-MriPreprocess -Spacing 4 | Export-MriVolume "$w/one.nii"'
mkdir "$work/brains"
for i in $(seq "$volumes"); do
  cp "$work/one.nii" "$work/brains/sub-$(printf %03d "$i")_T1w.nii"
  cp "$work/one.json" "$work/brains/sub-$(printf %03d "$i")_T1w.json"
done

# Adds everything and prints each label once its entry is committed.
cat > "$work/ingest.ps1" <<'EOF'
param([string] $Gallery)
$ErrorActionPreference = 'Stop'
Import-MriVolume "$env:MRILINK_WORK/brains" -Recurse | Add-MriGalleryVolume $Gallery -PassThru | ForEach-Object { [Console]::Out.WriteLine($_.Participant); [Console]::Out.Flush() }
EOF

# Writes what a gallery holds to a file, an entry a line, when it is intact; fails otherwise.
cat > "$work/content.ps1" <<'EOF'
param([string] $Gallery, [string] $To)
$ErrorActionPreference = 'Stop'
$check = Test-MriGallery $Gallery
if (-not $check.IsIntact) { $check; exit 1 }
$none = [Threading.CancellationToken]::None
$lines = foreach ($entry in Get-MriGalleryVolume $Gallery) {
    $voxels = $entry.ReadVoxels($none).Voxels
    $bytes = [byte[]]::new(4 * $voxels.Length)
    [Buffer]::BlockCopy($voxels, 0, $bytes, 0, $bytes.Length)
    "$($entry.Participant) $([Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($bytes)))"
}
[IO.File]::WriteAllLines($To, [string[]] @($lines))
EOF
# What happens after a kill, in one process: what is there, the next run, what is there then.
cat > "$work/recover.ps1" <<'EOF'
param([string] $Gallery)
& "$env:MRILINK_WORK/content.ps1" -Gallery $Gallery -To "$env:MRILINK_WORK/after.txt"
if (-not (Test-Path "$env:MRILINK_WORK/after.txt")) { exit 3 }
& "$env:MRILINK_WORK/ingest.ps1" -Gallery $Gallery
& "$env:MRILINK_WORK/content.ps1" -Gallery $Gallery -To "$env:MRILINK_WORK/completed.txt"
if (-not (Test-Path "$env:MRILINK_WORK/completed.txt")) { exit 4 }
EOF
new() { "$shell" -NoProfile -Command "\$null = New-MriGallery '$1'"; }
ingest() { "$shell" -NoProfile -File "$work/ingest.ps1" -Gallery "$1"; }
content() { "$shell" -NoProfile -File "$work/content.ps1" -Gallery "$1" -To "$2"; }

new "$work/quiet"
start=$(date +%s%N)
ingest "$work/quiet" > "$work/quiet.out"
whole=$(( ($(date +%s%N) - start) / 1000000 ))
content "$work/quiet" "$work/quiet.txt" || fail "the undisturbed gallery is not intact"
[ "$(wc -l < "$work/quiet.txt")" -eq "$volumes" ] || fail "the undisturbed gallery does not hold $volumes entries"
echo "undisturbed: $volumes volumes in $whole ms, $(($(stat -c %s "$work/quiet") / volumes)) bytes each"

new "$work/empty"
reached= halves=0
for i in $(seq "$kills"); do
  gallery=$work/killed
  rm -f "$gallery"*
  cp "$work/empty" "$gallery"
  # The moment: some time after the n-th entry is committed, n from 0 to all but one, as long as one entry takes or shorter. It is counted
  # in entries rather than in seconds, so that it falls into the ingest on a busy machine too. The shell is one process, killed by its number.
  exec 3< <(exec "$shell" -NoProfile -File "$work/ingest.ps1" -Gallery "$gallery" 2> "$work/killed.err")
  process=$!
  : > "$work/committed.txt"
  for _ in $(seq $((RANDOM % volumes))); do
    read -r label <&3 || fail "kill $i: the ingest ended by itself: $(cat "$work/killed.err")"
    echo "$label" >> "$work/committed.txt"
  done
  sleep "$(awk -v whole="$whole" -v n="$volumes" -v r="$RANDOM" 'BEGIN { print whole / n * r / 32768 / 1000 }')"
  kill -9 "$process" 2> /dev/null || true
  wait "$process" 2> /dev/null || true
  cat <&3 >> "$work/committed.txt"
  exec 3<&-
  [ ! -e "$gallery-journal" ] || halves=$((halves + 1))
  rm -f "$work/after.txt" "$work/completed.txt"
  status=0
  "$shell" -NoProfile -File "$work/recover.ps1" -Gallery "$gallery" > "$work/recover.out" 2>&1 || status=$?
  case $status in
    0) ;;
    3) fail "kill $i: the gallery is not intact: $(cat "$work/recover.out")" ;;
    4) fail "kill $i: the completed gallery is not intact: $(cat "$work/recover.out")" ;;
    *) fail "kill $i: the next run does not complete: $(cat "$work/recover.out")" ;;
  esac
  # The last line may have been cut off in the middle; all others are of entries that had been committed.
  while read -r label; do
    grep -q "^$label " "$work/after.txt" || fail "kill $i: the committed entry $label is lost"
  done < <(grep -E '^[0-9]{3}$' "$work/committed.txt" || true)
  reached="$reached $(wc -l < "$work/after.txt")"
  cmp -s <(sort "$work/quiet.txt") <(sort "$work/completed.txt") || fail "kill $i: the completed content differs from the undisturbed"
  [ $((i % 10)) -ne 0 ] || echo "$i of $kills survived" >&2
done
echo "kill -9: $kills times, $halves of them in the midst of writing (a journal was left); entries found after each:$reached"

new "$work/shared"
for i in 1 2 3 4; do ingest "$work/shared" > "$work/shared.$i" 2> "$work/shared.err.$i" & done
for process in $(jobs -p); do wait "$process" || fail "one of four writers failed: $(cat "$work"/shared.err.*)"; done
[ -z "$(cat "$work"/shared.err.*)" ] || fail "one of four writers complained: $(cat "$work"/shared.err.*)"
content "$work/shared" "$work/shared.txt" || fail "the gallery of four writers is not intact"
cmp -s <(sort "$work/quiet.txt") <(sort "$work/shared.txt") || fail "four writers gave other content than one"
echo "four writers at once: no error, $volumes entries, none twice"

if [ "$(id -u)" -eq 0 ] && mkdir "$work/small" && mount -t tmpfs -o size=1m tmpfs "$work/small" 2> /dev/null; then
  mounted=$work/small
  new "$work/small/g"
  ingest "$work/small/g" > "$work/full.out" 2> "$work/full.err" && fail "1 MB held $volumes volumes"
  grep -q "disk is full" "$work/full.err" || fail "a full disk gave: $(cat "$work/full.err")"
  content "$work/small/g" "$work/full.txt" || fail "the gallery on the full disk is not intact"
  while read -r label; do grep -q "^$label " "$work/full.txt" || fail "the committed entry $label is lost"; done < "$work/full.out"
  echo "full disk: $(wc -l < "$work/full.txt") entries kept, intact; the error: $(grep -o "cannot grow.*" "$work/full.err" | head -1)"
else
  echo "full disk: left out, for it takes root and tmpfs"
fi
echo "all held"
