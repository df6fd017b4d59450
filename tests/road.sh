#!/bin/sh
# The whole road on a small scale through the installed commands, then every command against damaged
# files: a clear error, a non-zero exit, nothing written. Prints "ok <sentence>" for each check.
set -u
B=${B:-build}
export ULM_BUILD=$PWD/$B
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail() { echo "not ok $*"; exit 1; }
ok() { echo "ok $*"; }
ulm() { ./ulm "$@" 2>"$T/err"; }
must() { ulm "$@" >"$T/out" || { cat "$T/err"; fail "ulm $*"; }; }
# refuse WHY command...: it must fail with 1, say something, and leave $T/no unwritten
refuse() {
  why=$1
  shift
  ulm "$@" >"$T/out"
  status=$?
  [ $status -eq 1 ] || fail "$why: exit $status instead of 1: ulm $*: $(cat "$T/err")"
  [ -s "$T/err" ] || fail "$why: no error text: ulm $*"
  [ ! -e "$T/no" ] || fail "$why: something was written: ulm $*"
}

# ---- the road ----
must data synth --pairs 6000 --seed 5 -o "$T/corpus"
must tokenizer train "$T/corpus" --vocab 700 -o "$T/tok.model"
must tokenizer encode "$T/corpus" --model "$T/tok.model" -o "$T/shards"
must train "$T/shards" --preset nano --dim 64 --layers 2 --heads 2 --kv-heads 1 --ffn 128 --steps 300 \
  --batch 8 --seq 128 --objective opener --eval-every 100 --threads 2 -o "$T/run"
ok "text becomes a checkpoint"
first=$(head -1 "$T/run/metrics.jsonl" | sed 's/.*"loss": *\([0-9.]*\).*/\1/')
last=$(tail -1 "$T/run/metrics.jsonl" | sed 's/.*"loss": *\([0-9.]*\).*/\1/')
awk "BEGIN {exit !($last < $first - 2)}" || fail "300 steps lower the loss ($first to $last)"
ok "300 steps lower the loss from $first to $last"
mkdir "$T/curve" # 2.5 + 1.5 D^-0.5
(echo step,tokens,loss,val_loss; seq 1 12 | awk '{ printf "%d,%d,9,%.6f\n%d,%d,9,\n", $1, $1 * 1e6, 2.5 + 1.5 / sqrt($1), $1, $1 * 1e6 }') >"$T/curve/metrics.csv"
scripts/more-tokens "$T/curve" 2 >"$T/out" || fail "a curve is fitted"
grep -q '^11 validations, 2.0 to 12.0 M tokens: 2.50 + 1.50 D^-0.50, rms 0.000; ten times the tokens: 0.30 nats$' "$T/out" ||
  fail "a curve is found again: $(cat "$T/out")"
scripts/more-tokens "$T/curve" 10 >"$T/out" 2>"$T/err" && fail "a curve is fitted to 3 points"
ok "the worth of more tokens is read off a run's validations"
must export "$T/run/last.ckpt" --format ulm -o "$T/f32.ulm"
for type in int8 int4; do
  must quantize "$T/run/last.ckpt" --type $type --calibrate "$T/shards" -o "$T/$type.q"
  must export "$T/$type.q" --format ulm -o "$T/$type.ulm"
done
ok "a checkpoint becomes int8 and int4 blobs"
must export "$T/run/last.ckpt" --format gguf -o "$T/m.gguf"
must export "$T/int8.q" --format c -o "$T/m.c"
must export "$T/run/last.ckpt" --format hf -o "$T/hf"
[ -s "$T/m.gguf" ] && [ -s "$T/m.c" ] && [ -s "$T/hf/config.json" ] || fail "gguf, c and hf are written"
ok "gguf, c and hf are written"
must export "$T/hf" --format ckpt -o "$T/hf.ckpt"
must export "$T/hf.ckpt" --format ulm -o "$T/again.ulm"
must run "$T/f32.ulm" --prompt "Set a timer for ten minutes" --greedy
cp "$T/out" "$T/one"
must run "$T/again.ulm" --prompt "Set a timer for ten minutes" --greedy
cmp -s "$T/one" "$T/out" || fail "an imported model says what it said"
must train "$T/shards" --init "$T/hf.ckpt" --objective opener --steps 20 --batch 8 --seq 128 --eval-every 20 --threads 2 -o "$T/tuned"
first=$(head -1 "$T/tuned/metrics.jsonl" | sed 's/.*"loss": *\([0-9.]*\).*/\1/')
awk "BEGIN {exit !($first < $last + 0.7)}" || fail "fine-tuning starts from the import's loss ($first, it ended at $last)"
ok "a Hugging Face folder comes back, says the same, and training goes on from it ($last, then $first)"
for f in f32 int8 int4; do
  must run "$T/$f.ulm" --prompt "Set a timer for ten minutes" --greedy --json
  for field in prompt opener words tokens logprob entropy confidence finish prefill_ms first_token_ms total_ms; do
    grep -q "\"$field\":" "$T/out" || fail "ulm run --json has no $field"
  done
  cp "$T/out" "$T/$f.json"
done
ok "ulm run prints every field of the design"
must export "$T/int8.q" --format ulm --system "You are a kitchen timer." -o "$T/system.ulm"
[ "$(wc -c < "$T/system.ulm")" -gt "$(wc -c < "$T/int8.ulm")" ] || fail "a system turn's state is in the blob"
for f in int8 system; do
  must run "$T/$f.ulm" --system "You are a kitchen timer." --prompt "Set a timer for ten minutes" --seed 5
  cp "$T/out" "$T/said.$f"
done
cmp -s "$T/said.int8" "$T/said.system" || fail "a blob that holds a system turn's state says what one says that computes it"
must run "$T/system.ulm" --prompt "Set a timer for ten minutes" --seed 5
cp "$T/out" "$T/said.alone"
must run "$T/int8.ulm" --prompt "Set a timer for ten minutes" --seed 5
cmp -s "$T/said.alone" "$T/out" || fail "a stored system turn is not said where none was asked for"
ok "a blob may hold the state after a system turn, to the same words"
must run "$T/int4.ulm" --prompt "Set a timer for ten minutes" --seed 3
cp "$T/out" "$T/one"
must run "$T/int4.ulm" --prompt "Set a timer for ten minutes" --seed 3
cmp -s "$T/one" "$T/out" || fail "a seed gives the same opener twice"
ok "a seed gives the same opener twice"
P=$T/corpus/test.jsonl.gz
# Every second reference is what the model says itself, so that there are good openers and bad ones.
i=0
while [ $((i += 1)) -le 60 ]; do
  must run "$T/int8.ulm" --prompt "remind me of number $i at $((i % 12)) please" --greedy --json
  said=$(sed 's/.*"opener":"\(.*\)","words".*/\1/' "$T/out")
  [ $((i % 2)) -eq 0 ] && said="zebras qualify nowhere"
  echo "{\"messages\":[{\"role\":\"user\",\"content\":\"remind me of number $i at $((i % 12)) please\"},{\"role\":\"assistant\",\"content\":\"$said\"}]}"
done >"$T/gate.jsonl"
must bench gate "$T/int8.ulm" --prompts "$T/gate.jsonl" --temperature 0 -o "$T/gate.json"
grep -q '"good": 0.[3-6]' "$T/gate.json" || fail "half of these openers are good: $(cat "$T/gate.json")"
ok "a gate is fitted where half of the openers are good"
must export "$T/int8.q" --format ulm --gate "$T/gate.json" -o "$T/gated.ulm"
must bench opener "$T/gated.ulm" --prompts "$P" -o "$T/report"
must bench handoff "$T/gated.ulm" --prompts "$P" --n 40 -o "$T/report"
must bench handoff "$T/gated.ulm" --prompts "$P" --faults all --n 700 --reader "$T/int4.ulm" -o "$T/report"
grep -q " 0 lost, 0 repeated" "$T/out" || fail "no word is lost under faults: $(head -5 "$T/out")"
mv "$T/report/handoffs.jsonl" "$T/handoffs"
must bench handoff "$T/gated.ulm" --prompts "$P" --faults all --n 700 --threads 1 -o "$T/report"
cmp -s "$T/handoffs" "$T/report/handoffs.jsonl" || fail "a seed gives the same handoffs under faults twice"
must bench handoff "$T/gated.ulm" "$T/int4.ulm" --prompts "$P" --n 40 --continuator synthetic,synthetic:stall -o "$T/report"
[ "$(grep -c "synthetic:stall" "$T/out")" -ge 8 ] || fail "a matrix has a row a cell and measure"
refuse "dead endpoint" bench handoff "$T/gated.ulm" --prompts "$P" --continuator http://127.0.0.1:1/v1 -o "$T/no"
ok "faults, their readers and matrices are reported, the same for a seed"
must bench speed "$T/gated.ulm" --times 5
for row in decode "prefill of 64" "prompt to word 1" "prompt to opener" "last word to token 1" "system prompt of 64" "cold start"; do
  grep -q "^$row  *[0-9.]* [mt]" "$T/out" || fail "ulm bench speed has no row '$row': $(cat "$T/out")"
done
must bench speed "$T/gated.ulm" --times 5 --only cold --json 'while :; do echo tokens_per_s 1; sleep 0.01; done'
grep -q '"cold_ms":[0-9.]*,"cold_warm_ms":[0-9.]*,"cold_prompt":4[0-9],"cold_tokens":12,"cold_peer1_tokens_per_s":1.0' "$T/out" ||
  fail "a cold start is timed beside a peer's: $(cat "$T/out")"
must bench kv "$T/gated.ulm" --prompts "$P"
awk '$1 == "f32" { a = $2 } $1 == "f16" { b = $2 } $1 == "int8" { c = $2 } END { exit !(a > b && b > c && c > 0) }' "$T/out" ||
  fail "caches of float32, binary16 and int8 have a row each, and take less: $(cat "$T/out")"
must bench train --preset nano --batch 2 --seq 32 --rounds 2 --steps 1 --threads 2 --json \
  'while :; do echo tokens_per_s 100; sleep 0.01; done'
for what in setting peak step peer part product products; do
  grep -q "\"what\":\"$what\"" "$T/out" || fail "ulm bench train says nothing of $what"
done
must bench ngram "$T/run/last.ckpt" "$T/shards" --objective opener
[ -s "$T/report/report.html" ] && [ -s "$T/report/report.txt" ] && [ -s "$T/report/report.jsonl" ] || fail "a report is written"
grep -qiE '(src|href) *= *"?https?:' "$T/report/report.html" && fail "the report loads nothing from a network"
ok "openers and handoffs are judged and reported"
echo "Set a timer for ten minutes" | ./ulm chat "$T/gated.ulm" --continuator synthetic >"$T/out" 2>"$T/err" || fail "ulm chat"
[ -s "$T/out" ] || fail "ulm chat says something"
ok "ulm chat answers a piped line"
for f in "$T/shards"/train-00000.shard "$T/run/last.ckpt" "$T/int8.q" "$T/int8.ulm" "$T/tok.model"; do must info "$f"; done
ok "ulm info knows every file"

# ---- the same bytes again ----
must data synth --pairs 6000 --seed 5 -o "$T/corpus2"
cmp -s "$T/corpus/train.jsonl.gz" "$T/corpus2/train.jsonl.gz" || fail "the corpus is the same twice"
must tokenizer train "$T/corpus2" --vocab 700 -o "$T/tok2.model"
cmp -s "$T/tok.model" "$T/tok2.model" || fail "the tokenizer is the same twice"
must tokenizer encode "$T/corpus2" --model "$T/tok2.model" -o "$T/shards2"
cmp -s "$T/shards/train-00000.shard" "$T/shards2/train-00000.shard" || fail "the shards are the same twice"
must train "$T/shards2" --preset nano --dim 64 --layers 2 --heads 2 --kv-heads 1 --ffn 128 --steps 300 \
  --batch 8 --seq 128 --objective opener --eval-every 100 --threads 2 -o "$T/run2"
must quantize "$T/run2/last.ckpt" --type int4 --calibrate "$T/shards2" -o "$T/int4b.q"
must export "$T/int4b.q" --format ulm -o "$T/int4b.ulm"
cmp -s "$T/int4.ulm" "$T/int4b.ulm" || fail "the blob is the same twice"
ok "same files, seed and threads: the same bytes out of every stage"

# ---- damage ----
shard=$T/shards/train-00000.shard
damage() { # file [byte to flip]: makes cut, flipped and foreign versions of it
  n=$(wc -c <"$1")
  head -c $((n / 2)) "$1" >"$T/cut"
  head -c 40 "$1" >"$T/stub"
  cp "$1" "$T/flip"
  at=${2:-$((n * 2 / 3))}
  byte=$(od -An -tu1 -j$at -N1 "$1" | tr -d ' ')
  printf "$(printf '\\%03o' $((byte ^ 16)))" | dd of="$T/flip" bs=1 seek=$at conv=notrunc 2>/dev/null
  head -c 5000 /dev/zero | tr '\0' 'x' >"$T/foreign"
  : >"$T/empty"
}
for bad in cut stub flip foreign empty missing; do
  damage "$shard"
  rm -rf "$T/badshards"
  mkdir "$T/badshards"
  cp "$T/shards"/* "$T/badshards/"
  [ $bad = missing ] && rm "$T/badshards/train-00000.shard" || cp "$T/$bad" "$T/badshards/train-00000.shard"
  refuse "$bad shard" train "$T/badshards" --preset nano --steps 2 -o "$T/no"
  refuse "$bad shard" bench ngram "$T/run/last.ckpt" "$T/badshards"
  [ $bad = missing ] || refuse "$bad shard" info "$T/$bad"
  damage "$T/run/last.ckpt"
  refuse "$bad checkpoint" quantize "$T/$bad" --type int8 -o "$T/no"
  refuse "$bad checkpoint" export "$T/$bad" --format ulm -o "$T/no"
  refuse "$bad checkpoint" export "$T/$bad" --format hf -o "$T/no"
  refuse "$bad checkpoint" train "$T/shards" --preset nano --steps 2 --init "$T/$bad" -o "$T/no"
  damage "$T/int4.q"
  refuse "$bad quantized file" export "$T/$bad" --format ulm -o "$T/no"
  refuse "$bad quantized file" export "$T/$bad" --format c -o "$T/no"
  damage "$T/int4.ulm"
  refuse "$bad blob" run "$T/$bad" --prompt hello
  refuse "$bad blob" bench opener "$T/$bad" --prompts "$P" -o "$T/no"
  refuse "$bad blob" bench handoff "$T/$bad" --prompts "$P" -o "$T/no"
  refuse "$bad blob" bench gate "$T/$bad" --prompts "$P" -o "$T/no"
  refuse "$bad blob" bench speed "$T/$bad"
  refuse "$bad blob" bench kv "$T/$bad" --prompts "$P"
  echo hello | { ./ulm chat "$T/$bad" >"$T/out" 2>"$T/err" && fail "$bad blob: ulm chat"; }
  damage "$T/tok.model" 1 # a length: the format has no checksum, a flipped score is another valid model
  refuse "$bad tokenizer" tokenizer encode "$T/corpus" --model "$T/$bad" -o "$T/no"
  damage "$P"
  case $bad in stub | foreign) printf '{"messages": [}\n' >"$T/$bad" ;; esac
  refuse "$bad prompts" bench opener "$T/int4.ulm" --prompts "$T/$bad" -o "$T/no"
  refuse "$bad chat" data chat "$T/$bad" -o "$T/no"
  ok "a $bad file of every kind is refused by every command that reads it"
done
refuse "another kind" quantize "$T/int8.ulm" --type int8 -o "$T/no"
refuse "another kind" run "$T/int8.q" --prompt hello
refuse "another kind" export "$shard" --format ulm -o "$T/no"
refuse "no such folder" train "$T/nowhere" --preset nano --steps 2 -o "$T/no"
printf '{"bias": "x"}' >"$T/badgate"
refuse "malformed gate" export "$T/int8.q" --format ulm --gate "$T/badgate" -o "$T/no"
ok "a file of another kind is refused"
must train "$T/shards" --preset nano --dim 48 --layers 1 --heads 2 --kv-heads 1 --ffn 100 --steps 2 --batch 2 --seq 64 -o "$T/odd"
refuse "a row length of 48" quantize "$T/odd/last.ckpt" --type int8 -o "$T/no"
grep -q 32 "$T/err" || fail "the error names the 32"
ok "a row length that 32 does not divide is refused by name"
cp "$T/int8.ulm" "$T/keep"
sum=$(cksum <"$T/keep")
ulm export "$T/flip" --format ulm -o "$T/keep" >"$T/out" && fail "a damaged input is refused"
[ "$sum" = "$(cksum <"$T/keep")" ] || fail "the old output is untouched"
ok "a failed command leaves the old output as it was"
for p in data tokenizer train quantize export info run bench chat; do
  ulm $p --help >"$T/out" || fail "ulm $p --help"
  [ -s "$T/out" ] || fail "ulm $p --help prints something"
  ulm $p --no-such-option >"$T/out"
  [ $? -eq 2 ] || fail "ulm $p --no-such-option exits with 2"
done
ok "every command has --help and refuses what it does not know"
for o in "--threads 999" "--near 7" "--max-words -1" "--val 1"; do
  ulm data chat "$T/corpus/test.jsonl.gz" $o -o "$T/no" >"$T/out"
  [ $? -eq 2 ] || fail "ulm data chat $o exits with 2: $(cat "$T/err")"
  [ ! -e "$T/no" ] || fail "ulm data chat $o writes nothing"
done
ok "an option out of range exits with 2 and writes nothing"
printf '{"prompt":"caf\351?","completion":"The caf\351 is round the corner."}\n' >"$T/latin1.jsonl"
must data chat "$T/latin1.jsonl" -o "$T/latin1"
grep -q "^2 bytes that are no UTF-8 .*iconv" "$T/err" || fail "another encoding is noticed: $(cat "$T/err")"
ok "text in another encoding is noticed"
