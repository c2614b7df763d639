# shellcheck shell=bash
# What backup.sh, restore.sh and upgrade.sh share. Sourced, not run.

program=${0##*/}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dry_run=false

say() { printf '%s\n' "$*"; }
warn() { printf '%s: %s\n' "$program" "$*" >&2; }
fail() {
  warn "$@"
  exit 1
}
misused() {
  warn "$*"
  say "$program --help says how it is used" >&2
  exit 2
}

# The value of the option at hand, in $value: take "$@".
take() {
  if [ $# -lt 2 ] || [ -z "$2" ]; then misused "$1 needs a value"; fi
  # shellcheck disable=SC2034 # for the caller
  value=$2
}

# Does it, or says that it would.
run() {
  if $dry_run; then
    printf 'would run:' && printf ' %q' "$@" && printf '\n'
  else
    "$@"
  fi
}

need() {
  local tool
  for tool in "$@"; do command -v "$tool" >/dev/null || fail "\"$tool\" is missing on this machine"; done
}

# One of these scripts at a time: they stop nodes.
lock() {
  need flock
  exec 9>"$1"
  flock --nonblock 9 || fail 'another of these scripts is at work on this folder'
}

# The version in an image's tag, with or without a digest behind it; nothing when the tag says none.
version_of() { sed -nE 's/^[^@]*:([0-9]+\.[0-9]+\.[0-9]+)(@sha256:[0-9a-f]{64})?$/\1/p' <<<"$1"; }

is_older() { [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# The version of an image that is fit for us, in $version.
take_image() {
  # Below it QBFT is at fault on chains with Shanghai: https://github.com/besu-eth/besu/pull/9830
  local oldest=26.2.0
  [ -n "$1" ] || misused '--image is missing'
  version=$(version_of "$1")
  [ -n "$version" ] || misused "--image takes an image with its version, such as hyperledger/besu:26.4.0 or hyperledger/besu:26.4.0@sha256:…, not $1"
  if is_older "$version" "$oldest"; then fail "Besu $version makes faulty blocks here: take $oldest or later"; fi
}

# The operators' command line; SYMBOLON names another way to call it.
symbolon() {
  if [ -n "${SYMBOLON:-}" ]; then
    # shellcheck disable=SC2086 # a command with its arguments
    $SYMBOLON "$@"
  else
    npm --prefix "$root" run --silent symbolon -- "$@"
  fi
}

absolute() {
  case $1 in
    /*) printf '%s' "$1" ;;
    *) printf '%s/%s' "$PWD" "$1" ;;
  esac
}

# Lines of name and role of the network file's nodes.
nodes_of() {
  local list
  list=$(symbolon besu nodes --network "$1") || fail "the network file $1 cannot be read"
  awk -F '\t' '{ print $1, $2 }' <<<"$list"
}

role_of() { awk -v name="$2" '$1 == name { print $2 }' <<<"$1"; }

# Services of the compose project of this folder that are running, one on each line.
running_services() { docker compose ps --status running --services; }

is_running() {
  local services
  services=$(running_services) || fail "docker compose does not say which nodes are running"
  grep -qxF -- "$1" <<<"$services"
}
