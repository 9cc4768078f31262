#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Whether the values that deployment NUMBER has come up with are still here: those that are gone cannot be hidden.
made() { grep -q 'Z == environment$' "$1" && ! grep -q 'Z warning: .*; the release gets the one that it has had here$' "$1"; }
kept() { compgen -G "$ROOT/releases/*/environments/$NUMBER/env" >/dev/null; }
