#!/usr/bin/env bash
# Moves the nodes of the cluster to another version of Besu. See docs/operations.md, "Upgrading Besu".
set -euo pipefail
# shellcheck source=deploy/besu/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

usage() {
  cat <<'END'
upgrade.sh --image IMAGE [option …]
Members first, then validators, each StatefulSet by its rolling update: one pod at a time, from the highest number down, each of which has to
be ready (in sync, with peers) for half a minute. When one is not, its StatefulSet goes back to the former image, and the rest stays as it is.

  --image IMAGE      such as hyperledger/besu:26.4.0@sha256:…; the tag says which version it is
  --namespace NAME   (default: symbolon-chain)
  --timeout TIME     how long a StatefulSet may take (default: 60m)
  --dry-run          looks at everything and says what it would do
END
}

image='' namespace=symbolon-chain timeout=60m
while [ $# -gt 0 ]; do
  case $1 in
    --image) take "$@" && image=$value && shift 2 ;;
    --namespace) take "$@" && namespace=$value && shift 2 ;;
    --timeout) take "$@" && timeout=$value && shift 2 ;;
    --dry-run) dry_run=true && shift ;;
    -h | --help) usage && exit 0 ;;
    *) misused "there is no $1" ;;
  esac
done
take_image "$image"
need kubectl
in_namespace=(kubectl --namespace "$namespace")

all_sets() {
  "${in_namespace[@]}" get statefulset --selector app.kubernetes.io/name=besu --output \
    'jsonpath={range .items[*]}{.metadata.labels.app\.kubernetes\.io/component}{"\t"}{.metadata.name}{"\t"}{.spec.replicas}{"\t"}{.status.readyReplicas}{"\t"}{.spec.template.spec.containers[?(@.name=="besu")].image}{"\n"}{end}'
}
sets=$(all_sets) || fail 'the cluster does not answer'
[ -n "$sets" ] || fail "there are no nodes in the namespace $namespace"

turns=()
declare -A former=()
# Sorted by role: member, validator.
while IFS=$'\t' read -r role name replicas ready was; do
  case $role in member | validator) ;; *) fail "the StatefulSet $name does not say whether it is a member or a validator (label app.kubernetes.io/component)" ;; esac
  [ "${ready:-0}" = "$replicas" ] || fail "$name has ${ready:-0} of $replicas pods ready: bring every node in order before an upgrade"
  if [ "$was" = "$image" ]; then
    say "$name runs $image already"
    continue
  fi
  had=$(version_of "$was")
  if [ -n "$had" ] && is_older "$version" "$had"; then fail "$name runs $had, and an older Besu cannot read its data"; fi
  former[$name]=$was
  turns+=("$name")
done < <(sort <<<"$sets")
if [ ${#turns[@]} -eq 0 ]; then say 'Nothing to do.' && exit 0; fi

for name in "${turns[@]}"; do
  say "$name: ${former[$name]} → $image"
  run "${in_namespace[@]}" set image "statefulset/$name" "besu=$image" "first-lists=$image"
  if run "${in_namespace[@]}" rollout status "statefulset/$name" "--timeout=$timeout"; then continue; fi
  warn "$name does not become ready with $image:"
  "${in_namespace[@]}" get pods --selector "app.kubernetes.io/name=besu,app.kubernetes.io/instance=$name" >&2 || true
  "${in_namespace[@]}" rollout undo "statefulset/$name" >&2 || warn "kubectl rollout undo statefulset/$name failed: do it by hand"
  # A pod that never became ready is not replaced by itself.
  while read -r pod ready; do
    if [ "$ready" != True ]; then "${in_namespace[@]}" delete "$pod" --wait=false >&2 || true; fi
  done < <("${in_namespace[@]}" get pods --selector "app.kubernetes.io/name=besu,app.kubernetes.io/instance=$name" --output 'jsonpath={range .items[*]}pod/{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}')
  if "${in_namespace[@]}" rollout status "statefulset/$name" "--timeout=$timeout" >&2; then
    fail "$name runs ${former[$name]} again. What was upgraded before it stays so"
  fi
  fail "$name does not come back with ${former[$name]}. If its log says that the version is lower than the one that last started, give it data from before (restore.sh), or delete its claim: it reads the chain anew"
done
if $dry_run; then exit 0; fi
digest=$(sed -n 's/^[^@]*@//p' <<<"$image")
say 'Done. Enter the image where the manifests are put together, or the next "kubectl apply -k" takes it back:'
plain=${image%@*}
say "  images: [{ name: hyperledger/besu, newName: ${plain%:*}, newTag: $version${digest:+, digest: $digest} }]"
