#!/usr/bin/env bash
# The bundled broker beside a real Kafka on the same disk, in turn: Java's perf tools and librdkafka, one partition, acks 1,
# records of 100 bytes, no forced fsync on either side. Prints records a second, CPU seconds of the broker, memory.
#
#   npm run build && benchmarks/broker/compare.sh
#
# Environment: KAFKA_RIG (the command that starts a real Kafka and runs its tools; needed), N (records; 1,000,000),
# ROUNDS (2), PYTHON (with confluent-kafka; without it librdkafka is left out), DIR (a folder for the data; a new one).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${KAFKA_RIG:?the command that starts a real Kafka}" "${N:=1000000}" "${ROUNDS:=2}" "${DIR:=$(mktemp -d)}"
export KAFKA_RIG_DIR=$DIR/rig
mkdir -p "$DIR"

node "$here/../../packages/millrace/dist/main.js" broker --port 0 --dir "$DIR/own" --flush os >"$DIR/own.txt" &
own_pid=$!
finish() {
  kill "$own_pid" 2>/dev/null || true
  "$KAFKA_RIG" stop --dir "$DIR/kafka" --wipe >/dev/null 2>&1 || true
  rm -rf -- "$DIR"
}
trap finish EXIT
until grep -q listening "$DIR/own.txt"; do sleep 0.05; done
own=$(sed 's/.* //' "$DIR/own.txt")
kafka=$("$KAFKA_RIG" start --port 0 --perf --dir "$DIR/kafka" | tail -1)
kafka_pid=$(pgrep -f "rig.log=$DIR/kafka" | head -1)

cpu() { awk '{ print ($14 + $15) / 100 }' "/proc/$1/stat"; }
memory() { awk '/VmHWM/ { printf "%d MiB at most", $2 / 1024 }' "/proc/$1/status"; }
tool() { "$KAFKA_RIG" tool "$@" 2>/dev/null; }

# measure NAME PID WHAT COMMAND...: the command's last line, and what it cost the broker.
measure() {
  local name=$1 pid=$2 what=$3 before line
  shift 3
  before=$(cpu "$pid")
  line=$("$@" | tail -1)
  printf '%-6s %-22s %s | broker %s CPU s, %s\n' "$name" "$what" "$line" \
    "$(awk "BEGIN { print $(cpu "$pid") - $before }")" "$(memory "$pid")"
}

round() {
  local name=$1 at=$2 pid=$3 topic=perf$RANDOM
  tool TopicCommand --bootstrap-server "$at" --create --topic "$topic" --partitions 1 >/dev/null
  measure "$name" "$pid" 'Java produces' tool ProducerPerformance --topic "$topic" --num-records "$N" --record-size 100 \
    --throughput -1 --bootstrap-server "$at" --command-property acks=1
  measure "$name" "$pid" 'Java consumes' tool ConsumerPerformance --topic "$topic" --num-records "$N" \
    --bootstrap-server "$at" --timeout 60000
  tool TopicCommand --bootstrap-server "$at" --delete --topic "$topic" >/dev/null
  if [[ -n ${PYTHON:-} ]]; then measure "$name" "$pid" librdkafka "$PYTHON" "$here/librdkafka.py" "$at" "$N"; fi
}

for _ in $(seq "$ROUNDS"); do
  round own "$own" "$own_pid"
  round kafka "$kafka" "$kafka_pid"
done
printf 'load '
cut -d' ' -f1-3 /proc/loadavg
