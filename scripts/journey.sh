#!/usr/bin/env bash
# The whole path once, with the real programs: a community is started and filled, pictures are protected, published,
# synced, found by search, fetched back, and their watermark is read from the fetched file.
# Argument: the directory of the built programs. Everything happens in a temporary directory that is removed.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:?directory of the built programs}
fixative=$bin/fixative
server=$bin/fixative-server

work=$(mktemp -d)
server_pid=
cleanup() {
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
    [ -z "$server_pid" ] || wait "$server_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
export XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache XDG_STATE_HOME=$work/state

number=0
step() {
    number=$((number + 1))
    printf '\n== %d. %s\n' "$number" "$*"
}
stop() {
    printf 'The journey stops here: %s\n' "$*" >&2
    exit 1
}

# Starts the community on a port (0: a free one) and sets `url`.
start_server() {
    : >"$work/server.log"
    "$server" serve --data "$work/community" --listen "127.0.0.1:$1" >"$work/server.log" 2>&1 &
    server_pid=$!
    for _ in $(seq 1 150); do
        url=$(sed -n 's/.*listening on \(http[^ ]*\).*/\1/p' "$work/server.log" | head -n 1)
        [ -z "$url" ] || return 0
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.2
    done
    cat "$work/server.log" >&2
    stop "the server did not start"
}

step "A community is filled with accounts and pictures that the program draws and protects itself"
"$server" seed --data "$work/community"

step "An artist joins"
password=$(head -c 18 /dev/urandom | base64)
printf '%s\n' "$password" | "$server" account create mei --email mei@example.org --password-stdin --data "$work/community"

step "The community is started"
start_server 0
printf 'listening on %s\n' "$url"

step "The artist logs in, and the timeline is synced"
printf '%s\n' "$password" | "$fixative" login "$url" --username mei --password-stdin
"$fixative" config set creator "Mei Lin"
"$fixative" sync --once
"$fixative" timeline local --limit 3

step "Three originals are protected on this machine, and the marks are read from the files"
"$server" draw --output "$work/originals" --pictures 3
mkdir "$work/protected" "$work/fetched"
"$fixative" protect "$work"/originals/* --output-dir "$work/protected"
"$fixative" verify "$work"/protected/*

step "One is published online"
mapfile -t originals < <(ls "$work"/originals/*)
"$fixative" publish "${originals[0]}" --title "Rain over the harbour" --caption "Ink on paper, 水彩 over it." \
    --alt "A harbour in the rain" --tag ink --tag 水彩 --recipe subtle --wait

step "The network goes away; two are published into the queue"
kill "$server_pid"
wait "$server_pid" 2>/dev/null || true
server_pid=
for index in 1 2; do
    code=0
    "$fixative" publish "${originals[$index]}" --title "Study $index of a journey" --tag journey --recipe mark || code=$?
    [ "$code" -eq 3 ] || stop "an offline publication answered $code instead of 3 (queued)"
done
"$fixative" queue

step "The network comes back; the queue publishes itself"
port=${url##*:}
start_server "${port%%/*}"
for _ in $(seq 1 30); do
    "$fixative" sync --once
    [ "$("$fixative" queue list --json | jq length)" -eq 0 ] && break
    sleep 1
done
[ "$("$fixative" queue list --json | jq length)" -eq 0 ] || stop "the queue is not empty"

step "They are found by search"
for query in harbour 水 水彩 'journe*' 'tag:journey is:mine'; do
    count=$("$fixative" search --offline "$query" --json | jq length)
    printf '%s: %s found\n' "$query" "$count"
    [ "$count" -ge 1 ] || stop "nothing was found for $query"
done

step "They are fetched back, and their marks are read from the fetched files"
count=0
while IFS=$'\t' read -r status payload; do
    "$fixative" fetch "$status" -o "$work/fetched/$status"
    read_back=$("$fixative" verify "$work/fetched/$status" --json | jq -r .payload)
    [ "$read_back" = "$payload" ] || stop "the fetched file carries $read_back, its receipt says $payload"
    printf 'status %s carries %s, as its receipt says\n' "$status" "$payload"
    count=$((count + 1))
done < <("$fixative" queue list --all --json | jq -r '.[] | select(.state == "published") | [.statusID, .markID] | @tsv')
[ "$count" -eq 3 ] || stop "$count publications instead of three"

step "The community is whole"
kill "$server_pid"
wait "$server_pid" 2>/dev/null || true
server_pid=
"$server" check --data "$work/community"

printf '\nThe whole path works: protected, published, synced, found, fetched back, verified.\n'
