#!/usr/bin/env bash
# Self-play on the smallest scale: killed without warning while it is at work, started again by the same command.
# It must go on from the games it had, come to its end, and leave a network that plays.
set -euo pipefail
run=$1
command=(gogame selfplay --size 7 --total-minutes 10 --shape 1x16 --games 16 --run "$run"
         --set run.checkpoint_seconds=3 --set run.slice_seconds=3
         --set learn.first_positions=200 --set learn.batch=64)

games() {
    python - "$run" <<'PY'
import sys
from pathlib import Path
from selfplay.shards import GameStore
print(GameStore(Path(sys.argv[1]) / "games", (7,), lambda text: None).games)
PY
}

"${command[@]}" --minutes 9 >"$run.log" 2>&1 &
process=$!
trap 'kill -9 $process 2>/dev/null || true' EXIT
before=0
for _ in $(seq 120); do
    kill -0 $process || { cat "$run.log"; exit 1; }
    sleep 2
    before=$(games)
    [ "$before" -ge 16 ] && [ -e "$run/checkpoint" ] && break
done
kill -9 $process
wait $process 2>/dev/null || true
trap - EXIT
[ -e "$run/checkpoint" ]
before=$(games)
echo "    killed with $before games"
[ "$before" -ge 16 ]

"${command[@]}" --minutes 0.4
after=$(games)
echo "    ended with $after games"
[ "$after" -gt "$before" ]

answers=$(printf 'boardsize 7\ngenmove b\ngenmove w\nquit\n' |
    gogame gtp --net "$run/net.safetensors" --visits 16 --size 7)
echo "$answers" | tr -s '\n'
[ "$(grep -c -E '^= ([A-G][1-7]|pass)' <<<"$answers")" = 2 ]
