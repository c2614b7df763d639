#!/usr/bin/env bash
# Gives a node of the cluster the data of a VolumeSnapshot. See docs/operations.md, "Backup".
set -euo pipefail
# shellcheck source=deploy/besu/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

usage() {
  cat <<'END'
restore.sh --pod POD --snapshot NAME [option …]
Scales the node's StatefulSet down to where POD is not, replaces its claim by one made from the snapshot, and scales up again. The volume
it had is kept: its reclaim policy is set to Retain first.

  --pod POD          such as porto-0, or validator-3; of several pods only the one with the highest number
  --snapshot NAME    a VolumeSnapshot that is ready, of any node of the same chain
  --force            also when POD is ready: what it has is replaced
  --namespace NAME   (default: symbolon-chain)
  --timeout TIME     how long each step may take (default: 15m)
  --dry-run          says what it would do
END
}

pod='' snapshot='' force=false namespace=symbolon-chain timeout=15m
while [ $# -gt 0 ]; do
  case $1 in
    --pod) take "$@" && pod=$value && shift 2 ;;
    --snapshot) take "$@" && snapshot=$value && shift 2 ;;
    --force) force=true && shift ;;
    --namespace) take "$@" && namespace=$value && shift 2 ;;
    --timeout) take "$@" && timeout=$value && shift 2 ;;
    --dry-run) dry_run=true && shift ;;
    -h | --help) usage && exit 0 ;;
    *) misused "there is no $1" ;;
  esac
done
[[ $pod =~ ^([a-z0-9-]+)-([0-9]+)$ ]] || misused '--pod takes a pod such as porto-0'
set_name=${BASH_REMATCH[1]} number=${BASH_REMATCH[2]}
[[ $snapshot =~ ^[a-z0-9.-]+$ ]] || misused '--snapshot is missing'
claim=data-$pod

need kubectl
in_namespace=(kubectl --namespace "$namespace")
get() { "${in_namespace[@]}" get "$1" "$2" --output "jsonpath={$3}"; }

replicas=$(get statefulset "$set_name" .spec.replicas) || fail "there is no StatefulSet $set_name"
[ "$number" -lt "$replicas" ] || fail "$set_name has no pod $pod"
# A StatefulSet stops its pods from the highest number down: to stop another would stop more than one validator.
[ "$((number + 1))" = "$replicas" ] || fail "$pod is not the last of $replicas pods. It needs no snapshot to come back: delete its claim ($claim, with --wait=false) and the pod, and it reads the chain from the others"
[ "$(get volumesnapshot "$snapshot" .status.readyToUse)" = true ] || fail "there is no snapshot $snapshot that is ready"
ready=$("${in_namespace[@]}" get pod "$pod" --ignore-not-found --output 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')
if [ "$ready" = True ] && ! $force; then fail "$pod is running and ready: --force replaces what it has"; fi

volume=$(get persistentvolumeclaim "$claim" .spec.volumeName) || fail "there is no claim $claim"
size=$(get persistentvolumeclaim "$claim" .spec.resources.requests.storage)
storage_class=$(get persistentvolumeclaim "$claim" .spec.storageClassName)

run kubectl patch persistentvolume "$volume" --patch '{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}'
if ! $dry_run; then trap 'warn "broken off: kubectl -n $namespace scale statefulset $set_name --replicas=$replicas starts it again"' EXIT; fi
run "${in_namespace[@]}" scale statefulset "$set_name" "--replicas=$number"
run "${in_namespace[@]}" wait --for=delete "pod/$pod" "--timeout=$timeout"
run "${in_namespace[@]}" delete persistentvolumeclaim "$claim" --wait "--timeout=$timeout"
manifest="apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: $claim
  labels:
    app.kubernetes.io/name: besu
    app.kubernetes.io/instance: $set_name
    app.kubernetes.io/part-of: symbolon-chain
spec:
${storage_class:+  storageClassName: $storage_class
}  accessModes: [ReadWriteOnce]
  dataSource:
    apiGroup: snapshot.storage.k8s.io
    kind: VolumeSnapshot
    name: $snapshot
  resources:
    requests:
      storage: $size"
if $dry_run; then
  say 'would create:' && say "$manifest"
else
  "${in_namespace[@]}" create --filename - <<<"$manifest"
fi
run "${in_namespace[@]}" scale statefulset "$set_name" "--replicas=$replicas"
run "${in_namespace[@]}" rollout status "statefulset/$set_name" "--timeout=$timeout"
if ! $dry_run; then
  trap - EXIT
  say "$pod has the data of $snapshot. The volume it had is $volume: delete it once it is not needed."
fi
