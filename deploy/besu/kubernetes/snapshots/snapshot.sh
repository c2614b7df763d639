#!/usr/bin/env bash
# Stops a member node, takes a VolumeSnapshot of its data, starts it again, and deletes snapshots that are too many.
# The CronJob beside it runs it every night; by hand: snapshot.sh --node porto --class CLASS
set -euo pipefail

usage() {
  cat <<'END'
snapshot.sh --node NAME [option …]
  --node NAME        the StatefulSet of a member node; not the validators, of which none should stand still
  --class CLASS      VolumeSnapshotClass (default: the cluster's)
  --keep N           how many snapshots to keep (default: 7)
  --namespace NAME   (default: symbolon-chain)
  --timeout TIME     how long each step may take (default: 15m)
END
}
fail() {
  printf 'snapshot.sh: %s\n' "$*" >&2
  exit 1
}

node='' class='' keep=7 namespace=symbolon-chain timeout=15m
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --node | --class | --keep | --namespace | --timeout)
      [ $# -ge 2 ] && [ -n "$2" ] || { usage >&2 && exit 2; }
      printf -v "${1#--}" '%s' "$2" && shift 2
      ;;
    *) usage >&2 && exit 2 ;;
  esac
done
[[ $node =~ ^[a-z0-9-]+$ && $keep =~ ^[1-9][0-9]*$ ]] || { usage >&2 && exit 2; }

in_namespace() { kubectl --namespace "$namespace" "$@"; }

role=$(in_namespace get statefulset "$node" --output 'jsonpath={.metadata.labels.app\.kubernetes\.io/component}') || fail "there is no StatefulSet $node"
[ "$role" = member ] || fail "$node is no member node: while a validator stands still no other may fail, and every node has the same chain"
replicas=$(in_namespace get statefulset "$node" --output 'jsonpath={.spec.replicas}')
[ "$replicas" = 1 ] || fail "$node has $replicas replicas, not 1: is another snapshot being taken, or was it stopped on purpose?"

start() {
  in_namespace scale statefulset "$node" --replicas=1 || printf 'snapshot.sh: %s does not start again: kubectl -n %s scale statefulset %s --replicas=1\n' "$node" "$namespace" "$node" >&2
}
trap start EXIT
trap 'exit 130' INT TERM

# Only a database that was closed is whole.
in_namespace scale statefulset "$node" --replicas=0
in_namespace wait --for=delete "pod/$node-0" "--timeout=$timeout" || fail "$node does not stop"

name=$node-$(date -u +%Y%m%dt%H%M%Sz)
in_namespace create --filename - <<END
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshot
metadata:
  name: $name
  labels:
    app.kubernetes.io/name: besu
    app.kubernetes.io/instance: $node
spec:
${class:+  volumeSnapshotClassName: $class
}  source:
    persistentVolumeClaimName: data-$node-0
END
in_namespace wait "--for=jsonpath={.status.readyToUse}=true" "volumesnapshot/$name" "--timeout=$timeout" || fail "the snapshot $name does not become ready: kubectl -n $namespace describe volumesnapshot $name"

trap - EXIT
start
in_namespace rollout status "statefulset/$node" "--timeout=$timeout" || fail "the snapshot $name was taken, but $node does not become ready again"

# The oldest go, and only once the new one is there.
in_namespace get volumesnapshot --selector "app.kubernetes.io/name=besu,app.kubernetes.io/instance=$node" --sort-by=.metadata.creationTimestamp --output name |
  head -n "-$keep" | while IFS= read -r old; do in_namespace delete "$old"; done
printf '%s\n' "$name"
