#!/usr/bin/env bash
# Backs up what a city's part of the chain cannot be put together again without. See docs/operations.md, "Backup".
set -euo pipefail
umask 077
# shellcheck source=deploy/besu/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'END'
backup.sh --to DIR (--recipient KEY … | --keys-in-clear | --without-keys) [option …]
Writes DIR/symbolon-besu-<time>/ with configuration, keys, checksums and, if asked for, the chain's data of one node.

  --to DIR            where backups are kept; not this machine's disk, in the end
  --recipient KEY     encrypts the keys with age for this public key (age1… or ssh-…); may be repeated, each opens them alone
  --keys-in-clear     writes the keys as they are: only onto a medium that is itself encrypted and locked away
  --without-keys      leaves the keys out: they are backed up elsewhere
  --data NODE         the chain's data too, of this member node, which stands still meanwhile
  --dir DIR           folder of network.yaml and local/ (default: this script's)
  --dry-run           says what it would do
END
}

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
to='' keys='' data_node=''
recipients=()
choose_keys() {
  if [ -n "$keys" ] && [ "$keys" != "$1" ]; then misused 'choose one of --recipient, --keys-in-clear and --without-keys'; fi
  keys=$1
}
while [ $# -gt 0 ]; do
  case $1 in
    --to) take "$@" && to=$(absolute "$value") && shift 2 ;;
    --recipient) take "$@" && recipients+=(--recipient "$value") && choose_keys encrypted && shift 2 ;;
    --keys-in-clear) choose_keys clear && shift ;;
    --without-keys) choose_keys none && shift ;;
    --data) take "$@" && data_node=$value && shift 2 ;;
    --dir) take "$@" && folder=$(absolute "$value") && shift 2 ;;
    --dry-run) dry_run=true && shift ;;
    -h | --help) usage && exit 0 ;;
    *) misused "there is no $1" ;;
  esac
done
[ -n "$to" ] || misused '--to is missing'
[ -n "$keys" ] || misused 'say what becomes of the keys: --recipient, --keys-in-clear or --without-keys'

need tar sha256sum
tar --version | grep -q GNU || fail 'GNU tar is needed'
if [ "$keys" = encrypted ]; then
  command -v age >/dev/null || fail 'the keys would be encrypted with age (https://age-encryption.org), which is not installed: install it, or say --keys-in-clear for a medium that is itself encrypted'
fi
cd "$folder" || fail "there is no folder $folder"
[ -f network.yaml ] || fail "there is no network.yaml in $folder"
[ -d local ] || fail "there is no local/ in $folder: nothing was made yet"

if [ -n "$data_node" ]; then
  need docker
  nodes=$(nodes_of "$folder/network.yaml")
  case $(role_of "$nodes" "$data_node") in
    member) ;;
    validator) fail "$data_node is a validator: while it stands still no other may fail. Every node has the same chain: take the data of a member" ;;
    *) fail "there is no node $data_node in network.yaml" ;;
  esac
  [ -n "$(ls -A "local/data/$data_node" 2>/dev/null)" ] || fail "local/data/$data_node holds nothing"
fi

# Which of these there are. What others may read, and what they may not.
those_there() {
  local path
  for path in "$@"; do if [ -e "$path" ]; then printf '%s\0' "$path"; fi; done
}
mapfile -d '' public < <(those_there network.yaml .env local/network local/config local/permissions local/deployment.json local/rpc/jwt.pub.pem local/tls/ca.pem)
mapfile -d '' secret < <(those_there local/keys local/rpc/jwt.key.pem local/tls)
if [ "$keys" != none ] && [ ${#secret[@]} -eq 0 ]; then fail 'there are no keys below local/: say --without-keys if they are kept elsewhere'; fi

pack() { tar --create --sort=name --numeric-owner --owner=0 --group=0 "$@" || fail 'tar could not read or write everything: nothing was saved'; }

name=symbolon-besu-$(date -u +%Y%m%dT%H%M%SZ)
[ ! -e "$to/$name" ] || fail "$to/$name is there already"
if $dry_run; then
  say "would write $to/$name:"
  say "  config.tar: ${public[*]}"
  case $keys in
    encrypted) say "  keys.tar.age: ${secret[*]}" ;;
    clear) say "  keys.tar, not encrypted: ${secret[*]}" ;;
    none) say '  no keys' ;;
  esac
  if [ -n "$data_node" ]; then say "  data-$data_node.tar: local/data/$data_node, with the node stopped meanwhile"; fi
  exit 0
fi

lock local/.lock
mkdir -p "$to"
draft=$(mktemp -d "$to/.unfinished-XXXXXX")
stopped=''
tidy() {
  if [ -n "$stopped" ]; then
    docker compose start "$stopped" >&2 || warn "$stopped does not start again: docker compose start $stopped"
  fi
  rm -rf "$draft"
}
trap tidy EXIT
trap 'exit 130' INT TERM

pack --file "$draft/config.tar" -- "${public[@]}"
# The authority's certificate is among the public files; its key and the key stores are not.
case $keys in
  encrypted) pack --exclude=local/tls/ca.pem --file - -- "${secret[@]}" | age "${recipients[@]}" >"$draft/keys.tar.age" ;;
  clear) pack --exclude=local/tls/ca.pem --file "$draft/keys.tar" -- "${secret[@]}" ;;
esac

if [ -n "$data_node" ]; then
  # Only a database that was closed is whole.
  if is_running "$data_node"; then
    stopped=$data_node
    docker compose stop "$data_node" >&2
    if is_running "$data_node"; then fail "$data_node did not stop"; fi
  fi
  # A key of its own making, if there ever was one, does not belong among the data.
  pack --exclude="local/data/$data_node/key" --file "$draft/data-$data_node.tar" -- "local/data/$data_node"
  if [ -n "$stopped" ]; then
    docker compose start "$data_node" >&2 || fail "$data_node does not start again"
    stopped=''
  fi
fi

{
  say "created: $(date -u +%Y-%m-%dT%H:%M:%SZ)"
  if [ -f local/network/genesis.json ]; then say "first block: $(sha256sum <local/network/genesis.json | cut -d ' ' -f 1)"; fi
  say "keys: $keys"
  if [ -n "$data_node" ]; then say "data: $data_node"; fi
} >"$draft/backup.txt"
(
  cd "$draft"
  sha256sum -- * >SHA256SUMS
  sha256sum --check --strict --quiet SHA256SUMS
)
for archive in "$draft"/*.tar; do tar --list --file "$archive" >/dev/null; done
mv -T "$draft" "$to/$name"
draft=''
sync -f "$to" || true

say "$to/$name"
say "Note down where nobody can change it, for restore.sh --digest: $(sha256sum <"$to/$name/SHA256SUMS" | cut -d ' ' -f 1)"
if [ "$keys" = clear ]; then warn 'the keys are not encrypted: whoever reads this backup can make blocks in your name'; fi
