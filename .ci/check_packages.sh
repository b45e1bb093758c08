#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the Debian packages a second time, in another folder, and compares the bytes. Then installs
# them in a fresh root, with what they depend on from the machine's own Debian mirror, runs every
# program there, and removes everything again: not a file may stay. The fresh root is kept in
# build/packages, and taken again for a week.
#
#   bash .ci/check_packages.sh [--made]   --made: takes those of check_install.sh, which has just run
#
# NEURON_FRESH_ROOT=0  leaves out the fresh root, for a machine without a mirror
set -euo pipefail
cd "$(dirname "$0")/.."

[ "${1-}" = --made ] || sh cmake/build_packages.sh
packages=(build/release/packages/*.deb)
mkdir -p build/packages
scratch=$(mktemp -d build/packages/check.XXXXXX)
scratch=$PWD/$scratch
trap 'rm -rf --one-file-system "$scratch"' EXIT

fail()
{
    echo ".ci/check_packages.sh: $*" >&2
    exit 1
}

# What each package has to hold, and where: seen without installing it.
check_contents()
{
    local package name tree

    for package in "${packages[@]}"; do
        name=$(dpkg-deb -f "$package" Package)
        tree=$scratch/contents/$name
        mkdir -p "$tree"
        dpkg-deb -x "$package" "$tree"
        for file in copyright changelog.gz changelog.Debian.gz; do
            [ -s "$tree/usr/share/doc/$name/$file" ] || fail "$package has no $file"
        done
        if dpkg-deb -c "$package" | grep -vE '^[^ ]+ root/root .* \./usr/' | grep -v ' \./$'; then
            fail "$package has files that are not root's, or not below /usr"
        fi
        if grep -rlF -e "$PWD" "$tree"; then
            fail "these files of $package name the folder that they were built in"
        fi
        echo "$name: $(find "$tree" ! -type d | wc -l) files," \
            "depends on: $(dpkg-deb -f "$package" Depends)"
    done
}

# Every page that a manual names is there for its reader.
check_named_pages()
{
    local root=$scratch/contents named

    named=$(zcat "$root"/*/usr/share/man/man*/*.gz | grep -oE '/usr/share/doc/[a-z./-]+' | sort -u)
    [ "$named" ] || fail "no manual names a page below /usr/share/doc"
    for page in $named; do
        [ -s "$root/neuron-tools$page" ] || fail "a manual names $page, which no package has"
    done
    echo "pages that manuals name, all there: $(wc -w <<<"$named")"
}

# Only what is installed is built again: elsewhere, later, for another user, in another place.
check_bytes()
{
    local copy="$scratch/the same source in another folder"
    local epoch=${SOURCE_DATE_EPOCH-}

    [ "$epoch" ] || epoch=$(git -c safe.directory="$PWD" log -1 --format=%ct)
    mkdir -p "$copy"
    sh .ci/source_files.sh '*' | tar -c -T - | tar -x -C "$copy"
    (
        cd "$copy"
        export TZ=Pacific/Auckland LC_ALL=C.UTF-8 SOURCE_DATE_EPOCH="$epoch"
        umask 077
        cmake --preset release -DNEURON_TESTS=OFF -DCMAKE_C_COMPILER_LAUNCHER= >/dev/null
        cmake --build --preset release --parallel "$(nproc)" >/dev/null
        umask 022 # is seen in a package that cpack writes
        cpack --config build/release/CPackConfig.cmake >/dev/null
    )
    for package in "${packages[@]}"; do
        cmp "$package" "$copy/$package" ||
            fail "$package is of other bytes when it is made again: diffoscope shows why"
    done
    echo "a second build has the same bytes: ${packages[*]##*/}"
}

# The machine's sources of this Debian itself, a line each.
print_sources()
{
    local codename

    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' | grep -E " $codename(-updates|-security)? main\$" | sort -u
}

# Which settings of the machine's apt also hold in the root: how a mirror is reached.
print_apt_settings()
{
    apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries|ForceIPv)' || true
}

# make_root FOLDER: the least Debian that has apt.
make_root()
{
    find "$1" -maxdepth 0 -mtime +7 -exec rm -rf --one-file-system {} + 2>/dev/null || true
    [ ! -d "$1" ] || return 0
    print_sources >"$scratch/sources.list"
    [ -s "$scratch/sources.list" ] || fail "apt knows no mirror of this Debian: see /etc/apt"
    print_apt_settings >"$scratch/apt.conf"
    # shellcheck source=/dev/null
    mmdebstrap --mode=root --variant=apt --quiet --dpkgopt=force-unsafe-io \
        --aptopt="$scratch/apt.conf" "$(. /etc/os-release && echo "$VERSION_CODENAME")" \
        "$scratch/root.new" "$scratch/sources.list"
    mv "$scratch/root.new" "$1"
}

# in_root COMMAND...: in the root, with processes and mounts of its own, which end with it.
in_root()
{
    # shellcheck disable=SC2016 # the inner shell expands
    unshare --mount --pid --ipc --fork --kill-child sh -ec '
        mount -t proc proc "$1/proc"
        mount --rbind --make-rslave /sys "$1/sys"
        mount -t tmpfs tmpfs "$1/dev/shm"
        root=$1
        shift
        exec chroot "$root" "$@"' sh "$scratch/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        HOME=/tmp/check LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        ${http_proxy+"http_proxy=$http_proxy"} ${https_proxy+"https_proxy=$https_proxy"} "$@"
}

# Everything in the root but what dpkg, apt and the linker keep for themselves, and what is gone with
# the next start of a machine.
list_files()
{
    (cd "$scratch/root" && find . -xdev \( -path ./tmp -o -path ./run -o -path ./dev -o -path ./var/lib/dpkg \
        -o -path ./var/lib/apt -o -path ./var/cache -o -path ./var/log \
        -o -path ./etc/ld.so.cache \) -prune -o -print) | sort
}

check_in_fresh_root()
{
    make_root "$PWD/build/packages/root"
    cp -a --reflink=auto build/packages/root "$scratch/root"
    cp /etc/resolv.conf /etc/hosts "$scratch/root/etc/"
    mkdir -p "$scratch/root/tmp/check" "$scratch/root/dev/shm"
    cp "${packages[@]}" .ci/try_packages.sh "$scratch/root/tmp/check"
    build/release/tests/make_onnx product "$scratch/root/tmp/check/product.onnx"
    build/release/tests/npy_tool make "$scratch/root/tmp/check/rows.npy" 64 3
    list_files >"$scratch/before"

    in_root apt-get update -q=2
    in_root sh -c 'apt-get install -q=2 --no-install-recommends -o DPkg::Use-Pty=0 \
        -o Dpkg::Options::=--force-unsafe-io /tmp/check/*.deb' >"$scratch/install.log" 2>&1 || {
        cat "$scratch/install.log" >&2
        fail "the packages do not install in a fresh root"
    }
    in_root sh /tmp/check/try_packages.sh || fail "the packages do not work in a fresh root"
    # shellcheck disable=SC2046 # names of packages
    in_root apt-get purge -q=2 --auto-remove -o DPkg::Use-Pty=0 \
        -o Dpkg::Options::=--force-unsafe-io \
        $(for package in "${packages[@]}"; do dpkg-deb -f "$package" Package; done) \
        >"$scratch/purge.log" 2>&1 || {
        cat "$scratch/purge.log" >&2
        fail "the packages cannot be removed"
    }
    list_files >"$scratch/after"
    diff "$scratch/before" "$scratch/after" || fail "these files came or went with the packages"
    echo "installed in a fresh root, tried and removed: no file is left"
}

begin=$SECONDS
check_contents
check_named_pages
check_bytes
echo "built twice in $((SECONDS - begin)) s"
begin=$SECONDS
if [ "${NEURON_FRESH_ROOT-1}" = 0 ]; then
    echo "left out, by NEURON_FRESH_ROOT=0: the packages in a fresh root"
elif [ "$(id -u)" -ne 0 ] || ! unshare --mount --pid --ipc --fork true 2>/dev/null; then
    echo "left out, because it takes root and mounts: the packages in a fresh root"
else
    check_in_fresh_root
    echo "in a fresh root for $((SECONDS - begin)) s"
fi
