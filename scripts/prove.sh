#!/usr/bin/env bash
# Runs the proofs of docs/technotes/Queue.md whole, or for as long as one asks; ./test runs a part of each.
#
#   ./bench simulate                     every schedule with up to three faults, then 20,000 random histories
#   ./bench simulate SECONDS             random histories for so long
#   ./bench simulate --seeds N [FIRST]   N random histories, from seed FIRST on (1)
#   ./bench simulate --faults N [PULLS]  every schedule with up to N faults in what is sent, or PULLS (one less) where
#                                        pulls are under faults as well
#   ./bench faults [NAME…]               with real processes: crash, disk, power, writers (10 minutes), network, uploads;
#                                        all of them without a name
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/setup.sh

usage() { sed -n '4,11s/^#  *//p' scripts/prove.sh; exit 2; }
is_number() { [[ ${1:-} =~ ^[0-9]+$ ]] || usage; }

need_packages "${BUILD_PACKAGES[@]}" libvterm-dev python3 strace
need_toolchain
swift build -c release --product fixative-server
swift build -c release --product fixative
run_tests() { swift test -c release --disable-testable-imports --filter "$1"; }

simulate() {
    case ${1:-all} in
    all)
        FIXATIVE_SIMULATE_FAULTS=3 FIXATIVE_SIMULATE_PULL_FAULTS=2 run_tests EveryScheduleTests
        FIXATIVE_SIMULATE_COUNT=20000 run_tests RandomScheduleTests ;;
    --seeds)
        is_number "${2:-}" && is_number "${3:-1}"
        FIXATIVE_SIMULATE_COUNT=$2 FIXATIVE_SIMULATE_SEED=${3:-1} run_tests RandomScheduleTests ;;
    --faults)
        is_number "${2:-}" && is_number "${3:-1}"
        FIXATIVE_SIMULATE_FAULTS=$2 FIXATIVE_SIMULATE_PULL_FAULTS=${3:-$(($2 > 0 ? $2 - 1 : 0))} \
            run_tests EveryScheduleTests ;;
    *)
        is_number "$1"
        # Other numbers than last time: seconds since 1970 are where the seeds begin.
        FIXATIVE_SIMULATE_SECONDS=$1 FIXATIVE_SIMULATE_SEED=$(date +%s)000 run_tests RandomScheduleTests ;;
    esac
}

faults() {
    local bin name
    bin=$(swift build -c release --show-bin-path)
    export PYTHONDONTWRITEBYTECODE=1
    [ $# -gt 0 ] || set -- crash disk power writers network uploads
    for name in "$@"; do
        case $name in
        crash) python3 Tests/FaultProofs/crash_points.py "$bin" ;;
        disk) python3 Tests/FaultProofs/disk_errors.py "$bin" ;;
        power) python3 Tests/FaultProofs/power_loss.py "$bin" --states=100000 ;;
        writers) python3 Tests/FaultProofs/three_writers.py "$bin" --seconds=600 ;;
        network) run_tests NetworkMatrix ;;
        uploads) run_tests UploadCuts ;;
        *) usage ;;
        esac
    done
}

what=${1:-}
shift || usage
case $what in
simulate) simulate "$@" ;;
faults) faults "$@" ;;
*) usage ;;
esac
