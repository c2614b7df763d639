#!/usr/bin/env bash
# Makes, for tests and for one machine, a certificate authority and a key store for each node named:
#   make-tls.sh DIR validator-0=172.28.74.10 porto=172.28.74.20,porto.chain.example …
# In production the city's own authority issues the certificates; what Besu wants of them is keystore.p12 and keystore.password.
set -euo pipefail
umask 077

if [ $# -lt 2 ]; then
  echo "make-tls.sh DIR NAME=ADDRESS[,NAME…] …" >&2
  exit 2
fi
folder=$1
shift
mkdir -p "$folder"

if [ ! -e "$folder/ca.key" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 1825 \
    -subj '/CN=Symbolon chain, local authority' -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign' \
    -keyout "$folder/ca.key" -out "$folder/ca.pem" 2>/dev/null
fi

for entry in "$@"; do
  node=${entry%%=*}
  names="DNS:$node,DNS:localhost,IP:127.0.0.1"
  IFS=, read -ra hosts <<<"${entry#*=}"
  for host in "${hosts[@]}"; do
    if [[ $host =~ ^[0-9.]+$ ]]; then names="$names,IP:$host"; else names="$names,DNS:$host"; fi
  done
  mkdir -p "$folder/$node"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$node" -keyout "$folder/$node/key.pem" -out "$folder/$node/request.pem" 2>/dev/null
  openssl x509 -req -in "$folder/$node/request.pem" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -days 397 -sha256 \
    -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n' "$names") -out "$folder/$node/certificate.pem" 2>/dev/null
  [ -e "$folder/$node/keystore.password" ] || openssl rand -hex 24 >"$folder/$node/keystore.password"
  openssl pkcs12 -export -name "$node" -inkey "$folder/$node/key.pem" -in "$folder/$node/certificate.pem" -certfile "$folder/ca.pem" \
    -passout "file:$folder/$node/keystore.password" -out "$folder/$node/keystore.p12"
  rm "$folder/$node/request.pem" "$folder/$node/key.pem"
  echo "$node: $names"
done
