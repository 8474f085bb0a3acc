#!/usr/bin/env bash
# Made by `autograder export gradescope`. Gradescope runs it once, as root, when it builds the image:
# the grader is installed from the wheels beside this file, and grades the reference as a trial.
set -euo pipefail
umask 022
source=/autograder/source
target=/opt/autograder # outside /autograder, since students' code imports numpy from there
ask='import sys; print("%d.%d" % sys.version_info[:2])'

# A Python that there are wheels for: its version and its path.
find_python() {
    local folder version program found
    for folder in "$source"/wheels/*/; do
        version=$(basename "$folder")
        for program in "python$version" python3; do
            found=$(command -v "$program") || continue
            [ "$("$found" -c "$ask" 2>/dev/null)" = "$version" ] || continue
            echo "$version $found"
            return
        done
    done
    return 1
}

if ! chosen=$(find_python); then
    wanted=$(basename "$(printf '%s\n' "$source"/wheels/*/ | head -n 1)")
    echo "this image has no Python that there are wheels for: installing python$wanted"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update && apt-get install -y --no-install-recommends "python$wanted" || true
    chosen=$(find_python) || {
        echo "setup.sh: python$wanted cannot be had here: choose an image that has it, or export for" \
            "the Python of this one: autograder export gradescope SLUG --python VERSION" >&2
        exit 1
    }
fi
read -r version python <<<"$chosen"
echo "installing for Python $version, $python"

rm -rf "$target"
mkdir -p "$target"
"$python" "$(ls "$source/wheels/$version"/installer/pip-*.whl)/pip" install --quiet \
    --root-user-action=ignore --disable-pip-version-check --no-index --no-deps \
    --target="$target" "$source/wheels/$version"/libraries/*.whl
rm -rf "$target/bin"
cp -R "$source/platform/." "$target/"
"$python" -m compileall -q "$target/autograder"

# Nothing of the machine's environment reaches the grader.
cat >"$target/launch" <<EOF
#!/bin/sh
exec env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/root LANG=C.UTF-8 PYTHONPATH=$target \\
    PYTHONDONTWRITEBYTECODE=1 AUTOGRADER_ROOT=$source/course $python -P "\$@"
EOF
chmod -R a+rX "$target"
chmod 755 "$target/launch"

mkdir -p /autograder/submission /autograder/results
chmod -R go-rwx "$source"
chmod 700 /autograder /autograder/results

"$target/launch" -m autograder doctor || true # what is not stopped here is shown, and documented
"$target/launch" -m autograder.export.gradescope.run --check
