#!/bin/bash
# Preprocesses a release on a SLURM cluster and makes one gallery of it:
#
#   examples/slurm/submit.sh /shared/release /shared/work [tasks]
#
# The folders must be seen by every node. Tasks share a cache, which is safe; each has a gallery of its own, because file systems shared by
# nodes do not all lock as SQLite needs it. PWSH names pwsh where it is not on the nodes' path (see
# examples/schedule/README.md, which also says how the module gets installed).
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 64; }
export RELEASE=$1 WORK=$2 EXAMPLES
EXAMPLES=$(cd "$(dirname "$0")" && pwd)
tasks=${3:-16}
mkdir -p "$WORK"
cd "$WORK"
array=$(sbatch --parsable --array="1-$tasks" "$EXAMPLES/preprocess.sbatch")
merge=$(sbatch --parsable --dependency="afterok:$array" "$EXAMPLES/merge.sbatch")
echo "array job $array ($tasks tasks), then job $merge; the gallery will be $WORK/all.mrigallery"
