#!/bin/sh
# Training on several ranks of one machine, one thread each: against one process, with reductions that
# fail, ranks that die, signals, and resuming on another number of ranks. Prints "ok <sentence>" for
# each check. Needs both builds (scripts/mpi-test); B, M: their folders.
set -u
B=${B:-build} M=${M:-build-mpi}
T=$(mktemp -d) t0=$(date +%s)
job=
trap '[ -z "$job" ] || kill "$job" 2>/dev/null; rm -rf "$T"' EXIT
fail() { echo "not ok $*"; exit 1; }
ok() { echo "ok $* [$(($(date +%s) - t0)) s]"; }
# Open MPI: may run as root and with more ranks than cores; its temporary files in ours.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_orte_tmpdir_base=$T
ranks() { # count, command...
  n=$1
  shift
  timeout 120 mpirun -n "$n" "$@" >"$T/out" 2>"$T/err"
}
shape="--preset nano --layers 3 --objective opener --batch 8 --seq 64 --eval-every 10 --eval-batches 3 --threads 1"
short="$shape --steps 50 --save-every 10"
long="$shape --steps 40 --save-every 5 --optimizer adamw --lr 1e-3 --schedule wsd --ema 0.9 --ramp 24 --first-batch 4"
train() { # count, options: the program of the MPI build
  n=$1
  shift
  ranks "$n" "$M/ulm-train" "$T/shards" "$@"
}
must() { train "$@" || { cat "$T/err"; fail "train $*: exit $?"; }; }
says() { grep -q -- "$1" "$T/err" || { cat "$T/err"; fail "the message does not say '$1'"; }; }
once() { [ "$(grep -c -- "$1" "$T/err")" = 1 ] || { cat "$T/err"; fail "'$1' is not said once"; }; }
# Largest difference of loss and validation loss (and a tenth of the relative difference of gradient
# norms) between two runs' metrics; 9 if they have not the same steps, tokens and learning rates.
apart() {
  awk -F, 'function abs(x) {return x < 0 ? -x : x}
    FNR == 1 {file++; next}
    file == 1 {want[$1] = $0; lines++; next}
    {split(want[$1], w, ","); seen++
     if (w[2] != $2 || w[5] != $5 || (w[4] == "") != ($4 == "")) bad = 1
     d = abs(w[3] - $3); if (d > most) most = d
     d = abs(w[4] - $4); if (d > most) most = d
     d = abs(w[6] - $6) / $6 / 10; if (d > most) most = d}
    END {if (bad || seen != lines || !lines) print "9"; else print most + 0}' "$1/metrics.csv" "$2/metrics.csv"
}
below() { awk "BEGIN {exit !($1 <= $2)}"; }
rows() { [ -f "$1/metrics.csv" ] && wc -l <"$1/metrics.csv" || echo 0; }
# Starts a run in the background ($job) and waits until it has written `rows` rows more.
begin() { # count, rows, run, options
  n=$1 want=$(($(rows "$3") + $2)) run=$3
  shift 3
  mpirun -n "$n" "$M/ulm-train" "$T/shards" -o "$run" "$@" >"$T/out" 2>"$T/err" &
  job=$!
  i=0
  while [ "$(rows "$run")" -lt "$want" ]; do
    i=$((i + 1))
    [ $i -lt 600 ] && kill -0 $job 2>/dev/null || { cat "$T/err"; fail "$run did not get to row $want"; }
    sleep 0.05
  done
}
finish() { # its status in $status, within 30 s
  (sleep 30 && kill -9 $job) 2>/dev/null &
  watch=$!
  wait $job
  status=$?
  kill $watch 2>/dev/null
  job=
}
rank_pid() { # of $job: the process of rank N
  for p in $(ps -o pid= --ppid "$job"); do
    tr '\0' '\n' <"/proc/$p/environ" 2>/dev/null | grep -qx "OMPI_COMM_WORLD_RANK=$1" && echo "$p"
  done
}
whole() { # a checkpoint that verifies, at a step the metrics have
  "$B/ulm-info" "$1/last.ckpt" >"$T/info" 2>&1 || { cat "$T/info"; fail "$1/last.ckpt is not whole"; }
  [ -z "$(ls "$1" | grep '\.tmp$')" ] || [ "${2:-}" = tmp ] || fail "$1 has leftovers: $(ls "$1")"
}

# ---- built in, or not at all ----
symbols='ranks_\|MPI_'
nm "$B/ulm-train" | grep -q "$symbols" && fail "the build without MPI has $(nm "$B/ulm-train" | grep "$symbols" | head -3)"
nm "$M/ulm-train" | grep -q 'T ranks_finish' || fail "the control: the MPI build has no ranks_finish"
ldd "$B/ulm-train" | grep -q libmpi && fail "the build without MPI links libmpi"
ok "without MPI=1 no symbol of ranks or MPI is in ulm-train"

# ---- the same numbers ----
{ "$B/ulm-data" synth --pairs 3000 --seed 5 -o "$T/corpus" && "$B/ulm-tokenizer" train "$T/corpus" --vocab 700 -o "$T/tok" &&
  "$B/ulm-tokenizer" encode "$T/corpus" --model "$T/tok" -o "$T/shards"; } >"$T/out" 2>&1 || { cat "$T/out"; fail "no shards"; }
"$B/ulm-train" "$T/shards" $short -o "$T/one" >"$T/out" 2>"$T/err" || { cat "$T/err"; fail "one process"; }
must 1 $short -o "$T/rank"
cmp -s "$T/one/last.ckpt" "$T/rank/last.ckpt" || fail "one rank differs from the build without MPI"
ok "one rank gives the checkpoint of the build without MPI, byte for byte"
for n in 2 4; do
  ranks $n "$M/tests/mpi_grads" || { cat "$T/err"; fail "mpi_grads on $n ranks"; }
done
ok "gradients of 2 ranks are the sum of their rows' bit for bit, of 4 within 1e-6; a rank may lack targets"
for n in 2 4; do
  must $n $short -o "$T/on$n"
  once "^time "
  off=$(apart "$T/one" "$T/on$n")
  below "$off" 1e-5 || fail "$n ranks are $off away from one process"
  ok "50 steps on $n ranks: losses and validation within $off of one process"
done
hidden=$(sed -n 's/^ranks .* \([0-9]*\)% on their way.*/\1/p' "$T/err")
[ "${hidden:-0}" -ge 50 ] || fail "only ${hidden:-no}% of the gradients were reduced during backward"
ok "$hidden% of the gradients are on their way before backward ends"
mpicc -shared -fPIC -o "$T/faults.so" tests/mpi_faults.c || fail "tests/mpi_faults.c does not build"
ranks 2 -x LD_PRELOAD="$T/faults.so" "$M/ulm-train" "$T/shards" $short -o "$T/again" || fail "2 ranks again"
cmp -s "$T/on2/last.ckpt" "$T/again/last.ckpt" || fail "2 ranks give other bytes the second time"
ok "2 ranks give the same checkpoint twice"

# ---- reductions that go wrong are seen ----
ranks 2 -x LD_PRELOAD="$T/faults.so" -x MPI_FAULT=first "$M/ulm-train" "$T/shards" $short -o "$T/first" || fail "fault 'first'"
off=$(apart "$T/one" "$T/first")
below "$off" 1e-5 && fail "the control: without the second rank's gradients the losses are still within $off"
ok "the control: without the second rank's gradients the losses are $off away"
ranks 2 -x LD_PRELOAD="$T/faults.so" -x MPI_FAULT=alone "$M/ulm-train" "$T/shards" $short -o "$T/alone" && fail "unreduced gradients were not seen"
once "rank 1 of 2 .*the weights are not those of rank 0"
whole "$T/alone"
grep -q '^ *step  *0$' "$T/info" || { cat "$T/info"; fail "ranks that drifted apart saved"; }
ok "ranks that drift apart are stopped before they save"

# ---- ranks that die ----
must 2 $long -o "$T/whole"
for victim in 1 0; do
  run=$T/killed$victim
  begin 2 10 "$run" $long
  kill -9 "$(rank_pid $victim)"
  finish
  [ $status -ne 0 ] || fail "a job with a killed rank ended with 0"
  says "process rank $victim .*exited on signal 9 (Killed)"
  whole "$run" tmp
  [ "$(rows "$run")" -lt 41 ] || fail "the kill came too late"
  must 2 $long --resume -o "$run"
  cmp -s "$T/whole/last.ckpt" "$run/last.ckpt" || fail "after the kill of rank $victim: other bytes"
  whole "$run"
done
ok "kill -9 of either rank ends the job by name; the checkpoint is whole and 2 ranks resume to the same bytes"

# ---- a run that stops itself ----
train 2 $long --lr 1e-7 --spike 0.01 -o "$T/diverged" && fail "losses all over their course"
once "step [0-9]*: the loss .*--resume"
whole "$T/diverged"
ok "a loss that leaves its course stops all ranks, and rank 0 says so"

# ---- signals ----
for s in TERM INT USR1; do
  run=$T/signal$s
  begin 2 8 "$run" $long
  kill -$s $job
  finish
  [ $status -eq 1 ] || { cat "$T/err"; fail "SIG$s: exit $status"; }
  once "stopped by signal"
  whole "$run"
  at=$(tail -1 "$run/metrics.csv" | cut -d, -f1)
  once "after step $at;"
  [ "$at" -lt 40 ] || fail "SIG$s came too late"
  [ $s = TERM ] || continue
  must 2 $long --resume -o "$run"
  says "at step $at\$"
  cmp -s "$T/whole/last.ckpt" "$run/last.ckpt" || fail "SIG$s: resuming gives other bytes"
done
ok "SIGTERM, SIGINT and SIGUSR1 to mpirun finish the step, save once, and lose nothing"

# ---- another number of ranks ----
run=$T/moved
begin 2 12 "$run" $short
kill -USR1 $job
finish
begin 1 12 "$run" $short --resume
kill -USR1 $job
finish
says "there were 2 ranks and are 1 now"
must 4 $short --resume -o "$run"
says "there were 1 ranks and are 4 now"
off=$(apart "$T/one" "$run")
below "$off" 1e-5 || fail "2, 1 and 4 ranks in turn are $off away from one process"
ok "a run that goes on from 2 ranks to 1 to 4 stays within $off of one process, on the same data"

# ---- ranks that cannot begin ----
train 3 $short -o "$T/no" && fail "8 rows on 3 ranks"
says "3 ranks cannot share 8 rows"
ranks 1 "$M/ulm-train" "$T/shards" $short -o "$T/no" : -n 1 "$M/ulm-train" "$T/nowhere" $short -o "$T/no" && fail "one rank without data"
says "rank 1 of 2 .*nowhere"
ranks 1 "$M/ulm-train" "$T/shards" $short -o "$T/no" : -n 1 "$M/ulm-train" "$T/shards" $short --seed 2 -o "$T/no" && fail "two seeds"
once "rank 1 of 2 .*options.*are not those of rank 0"
rm -rf "$T/no"
train 2 $short -o "$T/one" && fail "a run was overwritten"
once "is there already"
cmp -s "$T/one/last.ckpt" "$T/rank/last.ckpt" || fail "a refused run changed the checkpoint"
ok "ranks that cannot begin end all, with one message that names the rank"
