#!/usr/bin/env bash
# Runs every check and ends with a line that counts what ran. `test.sh lint` runs only format and lint checks.
set -u -o pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ZAITI_NOT_RUN="$work/not-run"
: >"$ZAITI_NOT_RUN"
passed=0
failed=0
failures=()

step() { # step NAME COMMAND...: shows it, runs it, counts the tests that its output says have passed and failed
    local name=$1
    shift
    printf '\n== %s\n' "$name"
    local started=$SECONDS status=0
    "$@" 2>&1 | tee "$work/out" || status=$?
    local good bad
    good=$(count passed)
    bad=$(count failed)
    # A check without tests of its own (format, lint) counts as one.
    [ $((good + bad)) -eq 0 ] && { [ $status -eq 0 ] && good=1 || bad=1; }
    [ $status -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    [ $status -ne 0 ] && failures+=("$name")
    passed=$((passed + good))
    failed=$((failed + bad))
    echo "-- $name: $good passed, $bad failed, $((SECONDS - started)) s"
}
count() { # sums "N passed" (or failed) of the summary lines of cargo test, vitest and our browser runner
    sed -E 's/\x1b\[[0-9;]*m//g' "$work/out" | grep -E '^(test result:| *Tests  |browser: )' | grep -oE "[0-9]+ $1" | awk '{n += $1} END {print n + 0}'
}

lint() {
    step 'format' cargo fmt --check
    step 'lint' cargo clippy --locked --all-targets --quiet -- -D warnings
    step 'web: format, lint, types' npm --prefix web run check
}

make --no-print-directory web/.built || exit 1
lint
if [ "${1:-all}" = all ]; then
    step 'unit, property, architecture, stores, HTTP' cargo test --locked --no-fail-fast
    step 'web: types are those of the program' env ZAITI_BIN="$PWD/target/debug/zaiti" npm --prefix web run types -- --check
    step 'web: units' npm --prefix web run test:unit
    step 'web: browser' env ZAITI_BIN="$PWD/target/debug/zaiti" npm --prefix web run test:browser
fi

echo
sort -u "$ZAITI_NOT_RUN"
[ ${#failures[@]} -eq 0 ] || printf 'failed: %s\n' "${failures[@]}"
echo "$(sort -u "$ZAITI_NOT_RUN" | wc -l) checks did not run for want of ../shared"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ ${#failures[@]} -eq 0 ]
