#!/usr/bin/env bash
# Installs the servers that tests and the demonstration run, Helm, and the linters:
#
#   internal/tools/install.sh temporal etcd kube-apiserver kube-controller-manager
#   internal/tools/install.sh vault vault-plugin-auth-kubernetes unleash helm promtool
#   internal/tools/install.sh golangci-lint workflowcheck
#
# A tool goes to $QT_TOOLS/<name>-<version>/<name> (default: .cache/tools in the repository). Taken in this order:
#   1. what is installed there already
#   2. what the environment gives: a binary in the folder KUBEBUILDER_ASSETS, or on PATH
#   3. a release that can be downloaded, if its published SHA-256 matches
#   4. a build from source, by the module that lies beside this script; for unleash what npm installs by the lock file
#      that lies there
# Nothing needs root. Several installations may run at the same time.
#
# Environment: QT_TOOLS; QT_FROM_SOURCE=1 leaves out step 3; QT_KUBERNETES_RELEASES, QT_ETCD_RELEASES,
# QT_VAULT_RELEASES, QT_HELM_RELEASES and QT_LINTER_RELEASES are where step 3 looks, in the layout of
# the projects' own release pages.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${QT_TOOLS:-$(cd "$here/../.." && pwd)/.cache/tools}
kubernetes_releases=${QT_KUBERNETES_RELEASES:-https://dl.k8s.io/release}
etcd_releases=${QT_ETCD_RELEASES:-https://github.com/etcd-io/etcd/releases/download}
vault_releases=${QT_VAULT_RELEASES:-https://releases.hashicorp.com/vault}
helm_releases=${QT_HELM_RELEASES:-https://get.helm.sh}
linter_releases=${QT_LINTER_RELEASES:-https://github.com/golangci/golangci-lint/releases/download}

readonly probe_seconds=5 download_seconds=300 lock_seconds=1800
summary=()
unreachable=""
scratch=$(mktemp -d)
held=""
build=""
partial=""

# shellcheck disable=SC2317 # called by the trap
cleanup() {
  if [[ -n $build ]]; then kill "$build" 2>/dev/null || true; fi
  if [[ -n $partial ]]; then rm -f "$partial"; fi
  if [[ -n $held ]]; then rm -rf "$held"; fi
  rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '%s\n' "$*" >&2; }

have() { command -v "$1" >/dev/null 2>&1; }

version_of() { awk -v name="$1" '$1 == name { print $2 }' "$here/versions.txt"; }

# source_of prints the module's folder and the package that a tool is built from.
source_of() {
  case $1 in
  temporal) echo temporal github.com/temporalio/cli/cmd/temporal ;;
  etcd) echo etcd go.etcd.io/etcd/server/v3 ;;
  kube-apiserver) echo kubernetes k8s.io/kubernetes/cmd/kube-apiserver ;;
  kube-controller-manager) echo kubernetes ./kube-controller-manager ;;
  kubectl) echo kubernetes k8s.io/kubernetes/cmd/kubectl ;;
  vault) echo vault github.com/hashicorp/vault ;;
  vault-plugin-auth-kubernetes) echo vault github.com/hashicorp/vault-plugin-auth-kubernetes/cmd/vault-plugin-auth-kubernetes ;;
  promtool) echo prometheus github.com/prometheus/prometheus/cmd/promtool ;;
  helm) echo helm helm.sh/helm/v3/cmd/helm ;;
  golangci-lint) echo golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint ;;
  workflowcheck) echo workflowcheck go.temporal.io/sdk/contrib/tools/workflowcheck ;;
  *) return 1 ;;
  esac
}

# release_of prints a release's base, the file below it, the file with its checksum, and the binary's path inside where
# the file is an archive.
release_of() {
  local name=$1 version=$2 os=$3 arch=$4
  case $name in
  etcd)
    [[ $os == linux ]] || return 1
    echo "$etcd_releases" "v$version/etcd-v$version-$os-$arch.tar.gz" "v$version/SHA256SUMS" "etcd-v$version-$os-$arch/etcd" ;;
  kube-apiserver | kube-controller-manager | kubectl)
    [[ $os == linux ]] || return 1
    echo "$kubernetes_releases" "v$version/bin/$os/$arch/$name" "v$version/bin/$os/$arch/$name.sha256" "" ;;
  vault)
    echo "$vault_releases" "$version/vault_${version}_${os}_$arch.zip" "$version/vault_${version}_SHA256SUMS" vault ;;
  helm)
    echo "$helm_releases" "helm-v$version-$os-$arch.tar.gz" "helm-v$version-$os-$arch.tar.gz.sha256sum" "$os-$arch/helm" ;;
  golangci-lint)
    local stem=$name-$version
    echo "$linter_releases" "v$version/$stem-$os-$arch.tar.gz" "v$version/$stem-checksums.txt" "$stem-$os-$arch/$name" ;;
  *) return 1 ;;
  esac
}

sha256() {
  if have sha256sum; then sha256sum "$1"; else shasum -a 256 "$1"; fi | awk '{ print $1 }'
}

# fetch downloads $1 to $2 within $3 seconds.
fetch() { curl -fsSL --connect-timeout "$probe_seconds" --max-time "$3" -o "$2" "$1" 2>/dev/null; }

# unpack takes one file out of an archive, into the scratch folder. What is not there to unpack with is no error of the
# release: the tool is built then.
unpack() {
  local file=$1 inside=$2
  case $file in
  *.zip)
    if have unzip; then
      unzip -q -o "$scratch/file" "$inside" -d "$scratch"
    else
      python3 -m zipfile -e "$scratch/file" "$scratch"
    fi
    ;;
  *) tar -xzf "$scratch/file" -C "$scratch" "$inside" ;;
  esac
}

# unpackable says whether there is a program that unpacks the file.
unpackable() {
  case $1 in
  *.zip) have unzip || have python3 ;;
  *.tar.gz) have tar ;;
  esac
}

# download puts a tool's release at $3; it fails where there is none, or none that can be trusted.
download() {
  local name=$1 version=$2 target=$3 os arch release base file sums inside expected code=0
  [[ -z ${QT_FROM_SOURCE:-} ]] || return 1
  have curl && { have sha256sum || have shasum; } || return 1
  os=$(uname -s | tr '[:upper:]' '[:lower:]')
  case $(uname -m) in
  x86_64 | amd64) arch=amd64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) return 1 ;;
  esac
  release=$(release_of "$name" "$version" "$os" "$arch") || return 1
  read -r base file sums inside <<<"$release"
  unpackable "$file" || return 1
  [[ " $unreachable " != *" $base "* ]] || return 1
  # The checksum's small file also tells quickly whether releases can be had here at all.
  fetch "$base/$sums" "$scratch/sums" "$probe_seconds" || code=$?
  if ((code != 0)); then
    # An answer that says no (curl's 22) is about this release, anything else about the way there.
    if ((code != 22)); then unreachable+=" $base"; fi
    return 1
  fi
  expected=$(awk -v file="${file##*/}" 'NF == 1 || $2 == file || $2 == "*" file { print $1; exit }' "$scratch/sums")
  if [[ ! $expected =~ ^[0-9a-f]{64}$ ]]; then
    say "$name $version: no checksum is published for ${file##*/}"
    return 1
  fi
  say "$name $version: downloading"
  fetch "$base/$file" "$scratch/file" "$download_seconds" || { say "$name $version: the download failed"; return 1; }
  if [[ $(sha256 "$scratch/file") != "$expected" ]]; then
    say "$name $version: the download does not match its published checksum and is not used"
    return 1
  fi
  if [[ -n $inside ]]; then
    unpack "$file" "$inside" || { say "$name $version: the download cannot be unpacked"; return 1; }
    mv "$scratch/$inside" "$target"
  else
    mv "$scratch/file" "$target"
  fi
  chmod 755 "$target"
}

# compile builds a tool from source at $3 and shows how long it has been at it.
compile() {
  local name=$1 version=$2 target=$3 source dir package began elapsed proxy log flags='-s -w' tags=''
  if ! have go; then
    say "$name $version: go is missing: install Go $(awk '$1 == "go" { print $2 }' "$here/../../go.mod") or newer, or a $name on PATH"
    return 1
  fi
  source=$(source_of "$name")
  read -r dir package <<<"$source"
  # Asking version control for an unknown module hangs where only the proxy can be reached.
  proxy=$(go env GOPROXY)
  proxy=${proxy%[,|]direct}
  # Built from a module, Kubernetes would not know its version and tell clients a text that is none.
  if [[ $dir == kubernetes ]]; then flags+=" -X k8s.io/component-base/version.gitVersion=v$version"; fi
  # Without its user interface and the plugins for clouds Vault builds in half the time.
  if [[ $name == vault ]]; then tags=minimal; fi
  # Rules are tested without anything to scrape.
  if [[ $name == promtool ]]; then tags=remove_all_sd; fi
  log=$scratch/$name.log
  began=$SECONDS
  say "$name $version: building from source"
  (cd "$here/$dir" && GOPROXY=$proxy GOFLAGS='' GOWORK=off CGO_ENABLED=0 \
    exec go build -mod=readonly -trimpath -tags "$tags" -ldflags "$flags" -o "$target" "$package") >"$log" 2>&1 &
  build=$!
  while kill -0 "$build" 2>/dev/null; do
    sleep 1
    elapsed=$((SECONDS - began))
    if [[ -t 2 ]]; then
      printf '\r%s %s: building from source, %d s ' "$name" "$version" "$elapsed" >&2
    elif ((elapsed % 30 == 0)); then
      say "$name $version: building from source, $elapsed s"
    fi
  done
  if [[ -t 2 ]]; then printf '\n' >&2; fi
  if ! wait "$build"; then
    build=""
    say "$name $version: the build failed:"
    tail -n 20 "$log" >&2
    return 1
  fi
  build=""
}

# assemble installs a server of npm packages beside $3, exactly those of the lock file, and writes the program that starts it.
assemble() {
  local name=$1 version=$2 target=$3 folder needed=20 found log=$scratch/$1.log
  folder=${target%/*}
  found=$(node --version 2>/dev/null || true)
  found=${found#v}
  if ! have npm || [[ -z $found ]] || ((${found%%.*} < needed)); then
    say "$name $version: node ${found:-(missing)} and npm are not enough: install Node.js $needed or newer with npm"
    return 1
  fi
  say "$name $version: installing with npm"
  rm -rf "$folder/node_modules"
  cp "$here/$name/package.json" "$here/$name/package-lock.json" "$folder" || return 1
  # No package needs its install scripts here.
  if ! (cd "$folder" && npm ci --ignore-scripts --omit=dev --no-audit --no-fund) >"$log" 2>&1; then
    say "$name $version: npm failed:"
    tail -n 20 "$log" >&2
    return 1
  fi
  # shellcheck disable=SC2016 # the program finds its folder when it runs.
  printf '#!/bin/sh\nexec node "$(dirname "$0")/node_modules/%s-server/dist/server.js" "$@"\n' "$name" >"$target"
  chmod 755 "$target"
}

# make_tool puts a tool that has no release at $3.
make_tool() {
  case $1 in
  unleash) assemble "$@" ;;
  *) compile "$@" ;;
  esac
}

# given prints the binary that the environment gives.
given() {
  if [[ -n ${KUBEBUILDER_ASSETS:-} && -x ${KUBEBUILDER_ASSETS}/$1 ]]; then
    echo "$KUBEBUILDER_ASSETS/$1"
  else
    command -v "$1"
  fi
}

# lock waits for another installation of the same tool. One that died leaves its process number behind.
lock() {
  local path=$1 name=$2 owner waited=0
  until mkdir "$path" 2>/dev/null; do
    if [[ ! -d $path && ! -w ${path%/*} ]]; then
      say "$name: ${path%/*} cannot be written"
      return 1
    fi
    owner=$(cat "$path/pid" 2>/dev/null || true)
    if [[ -n $owner ]] && ! kill -0 "$owner" 2>/dev/null; then
      rm -rf "$path"
      continue
    fi
    if ((waited == 0)); then say "$name: waiting for another installation to finish"; fi
    if ((waited++ >= lock_seconds)); then
      say "$name: still locked after $lock_seconds s: remove $path if nothing else installs it"
      return 1
    fi
    sleep 1
  done
  echo $$ >"$path/pid"
  held=$path
}

unlock() {
  rm -rf "$held"
  held=""
}

report() { summary+=("$(printf '%-30s %-10s %-34s %5d s' "$1" "$2" "$3" "$4")"); }

install_tool() {
  local name=$1 version folder target fresh found origin began=$SECONDS
  version=$(version_of "$name")
  folder=$tools/$name-$version
  target=$folder/$name
  # Renamed into place when complete: nobody ever sees half a tool.
  fresh=$folder/.$name.$$
  if [[ -x $target ]]; then
    report "$name" "$version" "installed before" 0
    return 0
  fi
  if found=$(given "$name"); then
    say "$name: using $found"
    report "$name" - "$found" 0
    return 0
  fi
  if ! mkdir -p "$folder" || ! lock "$folder.lock" "$name"; then
    report "$name" "$version" "FAILED" $((SECONDS - began))
    return 1
  fi
  partial=$fresh
  if [[ -x $target ]]; then
    origin="another installation"
  elif download "$name" "$version" "$fresh" && mv "$fresh" "$target"; then
    origin="downloaded"
  elif make_tool "$name" "$version" "$fresh" && mv "$fresh" "$target"; then
    origin="built from source"
    if [[ -d $folder/node_modules ]]; then origin="installed with npm"; fi
  else
    rm -f "$fresh"
    unlock
    report "$name" "$version" "FAILED" $((SECONDS - began))
    return 1
  fi
  unlock
  report "$name" "$version" "$origin" $((SECONDS - began))
}

# One function, so that the shell has read all of this file before anything runs: a checkout may replace it meanwhile.
main() {
  local name line failed=0
  if (($# == 0)); then
    say "usage: install.sh TOOL...  where TOOL is one of: $(awk '{ printf "%s ", $1 }' "$here/versions.txt")"
    exit 64
  fi
  for name in "$@"; do
    if [[ -z $(version_of "$name") ]]; then
      say "$name is no tool of ours: versions.txt lists $(awk '{ printf "%s ", $1 }' "$here/versions.txt")"
      exit 64
    fi
  done

  for name in "$@"; do
    install_tool "$name" || failed=1
  done
  say
  for line in "${summary[@]}"; do say "$line"; done
  if ! have cc && ! have gcc && ! have clang; then
    say "A C compiler (cc) is missing: nothing above needs one, but make test does, for the race detector."
  fi
  exit "$failed"
}

main "$@"
