#!/usr/bin/env bash
# Puts back what backup.sh saved. See docs/operations.md, "Backup".
set -euo pipefail
umask 077
# shellcheck source=deploy/besu/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'END'
restore.sh BACKUP [option …]
Checks BACKUP, a folder that backup.sh wrote, and puts it where it was saved from. Starts nothing.

  --only PART         only config, keys or data; may be repeated
  --digest HEX        what backup.sh told to note down: nobody has changed the backup since
  --identity FILE     age's private key that opens the keys
  --ask NAME=URL      before a validator's key is put back: another node of the chain, and its JSON-RPC, that is asked
                      whether somebody makes blocks with it; needs the keys or --jwt-key for its token
  --jwt-key FILE      key that signs tokens (default: the one in the backup)
  --old-machine-is-off  instead of --ask: you know that no other machine runs with these keys, and none will start again
  --data-for NODE     the node that gets the data (default: the one they are from)
  --force             also where something is already; that is kept beside, as local.before-<time>
  --dir DIR           folder of network.yaml and local/ (default: this script's)
  --dry-run           checks everything and changes nothing
END
}

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
backup='' digest='' jwt_key='' data_for='' off=false force=false
only=() identity=() ask=()
while [ $# -gt 0 ]; do
  case $1 in
    --only) take "$@" && only+=("$value") && shift 2 ;;
    --digest) take "$@" && digest=$value && shift 2 ;;
    --identity) take "$@" && identity=(--identity "$(absolute "$value")") && shift 2 ;;
    --ask) take "$@" && ask+=(--node "$value") && shift 2 ;;
    --jwt-key) take "$@" && jwt_key=$(absolute "$value") && shift 2 ;;
    --old-machine-is-off) off=true && shift ;;
    --data-for) take "$@" && data_for=$value && shift 2 ;;
    --force) force=true && shift ;;
    --dir) take "$@" && folder=$(absolute "$value") && shift 2 ;;
    --dry-run) dry_run=true && shift ;;
    -h | --help) usage && exit 0 ;;
    -*) misused "there is no $1" ;;
    *)
      [ -z "$backup" ] || misused 'one backup at a time'
      backup=$(absolute "$1") && shift
      ;;
  esac
done
[ -n "$backup" ] || misused 'which backup?'
for part in "${only[@]}"; do
  case $part in config | keys | data) ;; *) misused "--only takes config, keys or data, not $part" ;; esac
done
wanted() {
  local part
  [ ${#only[@]} -gt 0 ] || return 0
  for part in "${only[@]}"; do if [ "$part" = "$1" ]; then return 0; fi; done
  return 1
}

need tar sha256sum
[ -d "$folder" ] || fail "there is no folder $folder"
[ -f "$backup/SHA256SUMS" ] || fail "$backup is no backup: it has no SHA256SUMS"

# Is it what was saved, all of it, and nothing else?
cd "$backup"
if [ -n "$digest" ] && [ "$(sha256sum <SHA256SUMS | cut -d ' ' -f 1)" != "$digest" ]; then fail 'this is not the backup that was noted down: --digest differs'; fi
sha256sum --check --strict --quiet SHA256SUMS >&2 || fail "$backup is damaged: take another backup"
listed=$(sed -E 's/^[0-9a-f]{64} [ *]//' SHA256SUMS | sort)
there=$(find . -mindepth 1 ! -name SHA256SUMS -printf '%P\n' | sort)
[ "$listed" = "$there" ] || fail "$backup holds files that SHA256SUMS does not list"

data_archive=$(find . -maxdepth 1 -name 'data-*.tar' -printf '%P')
data_from=${data_archive#data-} && data_from=${data_from%.tar}
data_for=${data_for:-$data_from}
if ! wanted data; then data_archive=''; fi
keys_archive=''
if wanted keys; then for file in keys.tar keys.tar.age; do if [ -f "$file" ]; then keys_archive=$file; fi; done; fi
for part in "${only[@]}"; do
  case $part in
    keys) [ -n "$keys_archive" ] || fail 'there are no keys in this backup' ;;
    data) [ -n "$data_archive" ] || fail 'there are no data in this backup' ;;
  esac
done
[[ $data_for =~ ^[a-z0-9-]*$ ]] || misused "--data-for takes the name of a node, not $data_for"

cd "$folder"
if ! $dry_run; then
  mkdir -p local
  lock local/.lock
fi
stage=$(mktemp -d "$folder/.restore-XXXXXX")
trap 'rm -rf "$stage"' EXIT
trap 'exit 130' INT TERM

# Unpacks an archive that may hold files and folders at and below the names given, and nothing else.
unpack() {
  local archive=$1 entry allowed
  shift
  if tar --list --verbose --file "$archive" | grep -v '^[-d]' >/dev/null; then fail "${archive##*/} holds links or devices: backup.sh writes none"; fi
  while IFS= read -r entry; do
    for allowed in "$@"; do
      if [[ $entry == "$allowed" || $entry == "$allowed/"* ]] && [[ $entry != *..* ]]; then continue 2; fi
    done
    fail "${archive##*/} holds $entry, which does not belong there"
  done < <(tar --list --file "$archive")
  tar --extract --preserve-permissions --no-same-owner --directory "$stage/files" --file "$archive"
}

mkdir "$stage/files" "$stage/network"
# Also when only the rest is wanted: keys and data are checked against the network they are of.
tar --extract --file "$backup/config.tar" --directory "$stage/network" network.yaml
if [ -L "$stage/network/network.yaml" ]; then fail 'config.tar holds links: backup.sh writes none'; fi
if wanted config; then
  unpack "$backup/config.tar" network.yaml .env local/network local/config local/permissions local/deployment.json local/rpc/jwt.pub.pem local/tls/ca.pem
fi
secret=(local/keys local/rpc/jwt.key.pem local/tls)
case $keys_archive in
  keys.tar) unpack "$backup/keys.tar" "${secret[@]}" ;;
  keys.tar.age)
    need age
    age --decrypt "${identity[@]}" --output "$stage/keys.tar" "$backup/keys.tar.age" || fail 'the keys cannot be opened: is --identity the right one?'
    unpack "$stage/keys.tar" "${secret[@]}"
    ;;
esac
if [ -n "$data_archive" ]; then
  unpack "$backup/$data_archive" "local/data/$data_from"
  if [ "$data_for" != "$data_from" ]; then mv "$stage/files/local/data/$data_from" "$stage/files/local/data/$data_for"; fi
fi

nodes=$(nodes_of "$stage/network/network.yaml")
if [ -n "$data_archive" ]; then [ -n "$(role_of "$nodes" "$data_for")" ] || fail "there is no node $data_for in the backup's network.yaml"; fi

# A running node would go on with the old files, or with half of the new ones.
if command -v docker >/dev/null && [ -f compose.yaml ]; then
  running=$(running_services) || fail 'docker compose does not say which nodes are running'
  while read -r node _; do
    if grep -qxF -- "$node" <<<"$running"; then fail "$node is running: docker compose stop $node"; fi
  done <<<"$nodes"
fi

# What is there would be lost; the empty folders that "symbolon besu generate" makes would not.
mapfile -t taken < <(cd "$stage/files" && find . -type f -printf '%P\n' | while IFS= read -r file; do
  case $file in local/data/*) ;; *) if [ -e "$folder/$file" ]; then printf '%s\n' "$file"; fi ;; esac
done)
if [ -n "$data_archive" ] && [ -n "$(ls -A "local/data/$data_for" 2>/dev/null)" ]; then taken+=("local/data/$data_for"); fi
if [ ${#taken[@]} -gt 0 ] && ! $force; then fail "these are there already: ${taken[*]}. Choose another --dir, or --force, which keeps them beside"; fi

# Two machines with one validator's key can sign two blocks of one height: then the fault is ours, and the others' quorum is weaker by it.
validators=()
for file in "$stage"/files/local/keys/*.key; do
  [ -e "$file" ] || continue
  node=${file##*/} && node=${node%.key}
  if [ "$(role_of "$nodes" "$node")" = validator ]; then validators+=("$node"); fi
done
if [ ${#validators[@]} -gt 0 ] && ! $off; then
  [ ${#ask[@]} -gt 0 ] || fail "this puts back the keys of validators (${validators[*]}). A key must never run on two machines: have another node asked whether it is in use (--ask NAME=URL), or say --old-machine-is-off"
  if [ -z "$jwt_key" ] && [ -f "$stage/files/local/rpc/jwt.key.pem" ]; then jwt_key=$stage/files/local/rpc/jwt.key.pem; fi
  if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -f "$stage/files/local/tls/ca.pem" ]; then export NODE_EXTRA_CA_CERTS=$stage/files/local/tls/ca.pem; fi
  for node in "${validators[@]}"; do
    symbolon besu silent --network "$stage/network/network.yaml" --validator "$node" "${ask[@]}" ${jwt_key:+--jwt-key "$jwt_key"} ||
      fail "the key of $node is not put back: it may be in use elsewhere"
  done
fi

if $dry_run; then
  say "Everything is in order. Would put into $folder:"
  (cd "$stage/files" && find . -type f ! -path './local/data/*' -printf '  %P\n' | sort)
  if [ -n "$data_archive" ]; then say "  local/data/$data_for"; fi
  exit 0
fi

before=local.before-$(date -u +%Y%m%dT%H%M%SZ)
for path in "${taken[@]}"; do
  mkdir -p "$before/$(dirname "$path")"
  mv "$path" "$before/$path"
done
(cd "$stage/files" && find . -type d -printf '%P\n') | while IFS= read -r path; do
  case $path in '' | local/data/"$data_for"/*) ;; *) if [ ! -d "$path" ]; then mkdir "$path" && chmod --reference="$stage/files/$path" "$path"; fi ;; esac
done
(cd "$stage/files" && find . -type f ! -path './local/data/*' -printf '%P\n') | while IFS= read -r path; do mv "$stage/files/$path" "$path"; done
if [ -n "$data_archive" ]; then
  rmdir "local/data/$data_for" 2>/dev/null || true
  mv -T "$stage/files/local/data/$data_for" "local/data/$data_for"
fi

say "Put back into $folder."
if [ ${#taken[@]} -gt 0 ]; then say "What was there is in $folder/$before: delete it once you do not need it, keys above all."; fi
say 'Now look through the configuration, start the nodes one by one, and wait for each: symbolon besu check.'
