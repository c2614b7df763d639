#!/usr/bin/env bash
# Moves the nodes of compose.yaml to another version of Besu, one after the other. See docs/operations.md, "Upgrading Besu".
set -euo pipefail
umask 077
# shellcheck source=deploy/besu/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'END'
upgrade.sh --image IMAGE [option …]
Members first, then validators. Each node is stopped, its data are copied, it starts with IMAGE, and has to keep up with the chain,
as a validator to make blocks, before it is the next one's turn. One that does not goes back to its former image and data,
and the rest stays as it is. Which image each node has is written to .env.

  --image IMAGE     such as hyperledger/besu:26.4.0@sha256:…; the tag says which version it is
  --node NAME       this node and no other; may be repeated
  --url NAME=URL    JSON-RPC of a node (default: port 8545 of its container); may be repeated
  --jwt-key FILE    key that signs tokens (default: local/rpc/jwt.key.pem)
  --wait SECONDS    how long a node may take to catch up (default: 600)
  --dir DIR         folder of compose.yaml (default: this script's)
  --dry-run         looks at everything and says what it would do
END
}

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
image='' jwt_key='' wait=600
chosen=()
declare -A urls=()
while [ $# -gt 0 ]; do
  case $1 in
    --image) take "$@" && image=$value && shift 2 ;;
    --node) take "$@" && chosen+=("$value") && shift 2 ;;
    --url)
      take "$@"
      [[ $value =~ ^([a-z0-9-]+)=(https?://.+)$ ]] || misused "--url takes a name and an address, not $value"
      urls[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
      shift 2
      ;;
    --jwt-key) take "$@" && jwt_key=$(absolute "$value") && shift 2 ;;
    --wait) take "$@" && wait=$value && shift 2 ;;
    --dir) take "$@" && folder=$(absolute "$value") && shift 2 ;;
    --dry-run) dry_run=true && shift ;;
    -h | --help) usage && exit 0 ;;
    *) misused "there is no $1" ;;
  esac
done
take_image "$image"
[[ $wait =~ ^[1-9][0-9]{0,4}$ ]] || misused "--wait takes a number of seconds, not $wait"

need docker
docker compose version >/dev/null 2>&1 || fail 'docker has no compose: https://docs.docker.com/compose/install'
cd "$folder" || fail "there is no folder $folder"
[ -f compose.yaml ] && [ -f network.yaml ] || fail "there is no compose.yaml and network.yaml in $folder"
if ! $dry_run; then lock local/.lock; fi
jwt_key=${jwt_key:-$folder/local/rpc/jwt.key.pem}
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -f local/tls/ca.pem ]; then export NODE_EXTRA_CA_CERTS=$folder/local/tls/ca.pem; fi

# Which nodes stand here, members first.
nodes=$(nodes_of "$folder/network.yaml")
services=$(docker compose config --services) || fail 'docker compose cannot read compose.yaml'
here=()
for role in member validator; do
  while read -r name; do
    if grep -qxF -- "$name" <<<"$services"; then here+=("$name"); fi
  done < <(awk -v role="$role" '$2 == role { print $1 }' <<<"$nodes")
done
[ ${#here[@]} -gt 0 ] || fail 'compose.yaml and network.yaml have no node in common'
for name in "${chosen[@]}"; do
  printf '%s\n' "${here[@]}" | grep -xF -- "$name" >/dev/null || fail "there is no node $name in compose.yaml and network.yaml"
done

variable_of() { printf 'BESU_IMAGE_%s' "$(tr a-z- A-Z_ <<<"$1")"; }
container_of() {
  local id
  id=$(docker compose ps --quiet "$1") && [ -n "$id" ] || fail "$1 is not running: bring every node in order before an upgrade"
  printf '%s' "$id"
}

declare -A former=()
turns=()
for name in "${here[@]}"; do
  container=$(container_of "$name")
  former[$name]=$(docker inspect --format '{{.Config.Image}}' "$container")
  if [ -z "${urls[$name]:-}" ]; then
    address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}' "$container" | head -n 1)
    [ -n "$address" ] || fail "$name has no address: is it running? Else say --url $name=https://…"
    urls[$name]=https://$address:8545
  fi
  if [ ${#chosen[@]} -gt 0 ] && ! printf '%s\n' "${chosen[@]}" | grep -xF -- "$name" >/dev/null; then continue; fi
  if [ "${former[$name]}" = "$image" ]; then
    say "$name runs $image already"
    continue
  fi
  was=$(version_of "${former[$name]}")
  if [ -n "$was" ] && is_older "$version" "$was"; then
    fail "$name runs $was, and an older Besu cannot read its data: put back a backup from before (restore.sh), or take a newer image"
  fi
  variable=$(variable_of "$name")
  env "$variable=$image" docker compose config --images "$name" | grep -xF -- "$image" >/dev/null ||
    fail "compose.yaml does not take the image of $name from $variable: write image: \${$variable:-hyperledger/besu:…} there"
  [ -d "local/data/$name" ] || fail "there is no local/data/$name"
  if [ -e "local/data/$name.before" ]; then fail "local/data/$name.before is left of an upgrade that was broken off: see whether $name is in order, then delete it"; fi
  turns+=("$name")
done
if [ ${#turns[@]} -eq 0 ]; then say 'Nothing to do.' && exit 0; fi

# check VERSION SECONDS NAME… [option]
check() {
  local version=$1 seconds=$2 name
  shift 2
  local arguments=(--network "$folder/network.yaml" --jwt-key "$jwt_key" --wait "$seconds")
  if [ -n "$version" ]; then arguments+=(--version "$version"); fi
  for name in "$@"; do
    case $name in --*) arguments+=("$name") ;; *) arguments+=(--node "$name=${urls[$name]}") ;; esac
  done
  symbolon besu check "${arguments[@]}"
}

say 'Is everything in order before?'
check '' 60 "${here[@]}" || fail 'not every node is in order: nothing was changed'

say "Is the image what it says, and does it know our options?"
contained=(docker run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges:true --tmpfs '/tmp:exec,mode=1777,size=256m' --user "$(docker inspect --format '{{.Config.User}}' "$container")")
run docker pull --quiet "$image" || fail "$image cannot be had"
if ! $dry_run; then
  answer=$("${contained[@]}" "$image" --version) || fail "$image does not run here"
  [[ $answer == *"besu/v$version/"* ]] || fail "$image says it is: $answer"
  for name in "${turns[@]}"; do
    answer=$("${contained[@]}" --volume "$folder/local/config:/etc/besu/config:ro" "$image" validate-config "--config-file=/etc/besu/config/$name.toml" 2>&1) || fail "$image does not take local/config/$name.toml: $answer"
    # Besu ends with 0 all the same: what counts is what it says.
    [[ $answer == *'valid on basic inspection'* ]] || fail "$image does not take local/config/$name.toml: $answer"
  done
fi

start_with() { env "$(variable_of "$1")=$2" docker compose up --detach --no-deps --no-build "$1" >&2; }

# The images of all nodes stand in .env, so that a later "docker compose up" starts none with another one.
remember() {
  local variable draft
  variable=$(variable_of "$1")
  draft=$(mktemp .env.XXXXXX)
  if [ -f .env ]; then grep -v "^$variable=" .env >"$draft" || true; fi
  printf '%s=%s\n' "$variable" "$2" >>"$draft"
  mv "$draft" .env
}

# The node that is being upgraded, and how far it is.
current='' state=''
back() {
  [ -n "$current" ] || return 0
  local name=$current
  current=''
  trap '' INT TERM
  warn "$name does not work with $image; its last lines:"
  docker compose logs --no-color --tail 30 "$name" >&2 || true
  docker compose stop "$name" >&2 || true
  if is_running "$name"; then
    warn "$name does not stop. Its former data are in local/data/$name.before; its former image is ${former[$name]}"
    return 0
  fi
  # An older Besu does not start on data that a newer one has touched.
  if [ "$state" = copied ]; then
    if ! { rm -rf "local/data/$name.failed" && mv -T "local/data/$name" "local/data/$name.failed" && mv -T "local/data/$name.before" "local/data/$name"; }; then
      warn "the data of $name cannot be put back: move local/data/$name.before to local/data/$name, then start it with ${former[$name]}"
      return 0
    fi
  else
    rm -rf "local/data/$name.before"
  fi
  if start_with "$name" "${former[$name]}" && check "$(version_of "${former[$name]}")" "$wait" "$name"; then
    warn "$name runs ${former[$name]} again. What the new version left is in local/data/$name.failed: delete it once you know why"
  else
    warn "$name does not come back with ${former[$name]} either: see its log, and give up nothing else before it is in order"
  fi
}
trap back EXIT
trap 'exit 130' INT TERM

for name in "${turns[@]}"; do
  say "$name: ${former[$name]} → $image"
  if [ "$(role_of "$nodes" "$name")" = validator ]; then
    # Another city may have one of its own down at this moment.
    check '' 60 "$name" --spare || fail "$name stays up: without it the chain would stand still. Nothing was changed since the last node; run this again later"
  fi
  if $dry_run; then
    say "  would stop it, copy local/data/$name, start it with $image and wait up to $wait s"
    continue
  fi
  current=$name state=stopping
  docker compose stop "$name" >&2
  if is_running "$name"; then fail "$name did not stop"; fi
  cp --archive --reflink=auto "local/data/$name" "local/data/$name.before" || fail "the data of $name cannot be copied"
  state=copied
  start_with "$name" "$image"
  check "$version" "$wait" "$name" || fail "$name is not in order with $image"
  current=''
  remember "$name" "$image"
  rm -rf "local/data/$name.before"
done
if ! $dry_run; then say "Done: every node that was asked for runs $image. Which image each has stands in .env."; fi
