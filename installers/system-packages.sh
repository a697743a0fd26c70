#!/bin/sh
# Installs the system packages that are missing (installers/apt-packages.txt), or says how.
# Asks dpkg first, so it needs neither root nor a network once they are there.
# usage: installers/system-packages.sh PYTHON
set -eu

python=${1:-python3}
list=$(dirname "$0")/apt-packages.txt

[ "$(uname)" = Linux ] || exit 0

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    [ -d .venv ] || echo "This is no Debian or Ubuntu: if the window does not open, install" \
        "what your system calls the packages in installers/apt-packages.txt."
    exit 0
fi

# A package counts as present under the names it provides, too: a newer release renames some.
present=$(dpkg-query --show --showformat='${db:Status-Status}|${Package}|${Provides}\n' |
    sed -n 's/^installed|//p' | tr '|,' '\n\n' | sed 's/^ *//; s/ .*//')

missing=
for package in $(sed 's/#.*//' "$list"); do
    printf '%s\n' "$present" | grep -qxF "$package" || missing="$missing $package"
done
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
# The frozen program takes Python's shared library along; Debian's own python3 comes without.
library=$("$python" -c '
import sys
from ctypes import CDLL
from sysconfig import get_config_var
if sys.base_prefix == "/usr":
    try:
        CDLL(get_config_var("INSTSONAME"))
    except OSError:
        print("libpython" + get_config_var("LDVERSION"))' 2>/dev/null) || true
missing="$missing${library:+ $library}"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    echo "Some system packages are missing, and installing them needs an administrator's rights."
    echo "Type this line, then try again:"
    echo
    echo "  sudo apt-get update && sudo apt-get install --no-install-recommends$missing"
    echo
    exit 1
fi

echo "Installing the missing system packages:$missing"
$as_root apt-get update -q=2
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q=2 -y --no-install-recommends $missing >/dev/null
