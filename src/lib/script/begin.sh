#!/bin/bash
# What every host script begins with. render.ts puts the arguments, as quoted assignments, in front of it.
# The agent runs it as root without a terminal; exit codes it gives a meaning of its own (137, 168, 169, 194) must not leak.
set -Eeuo pipefail
umask 077
shopt -u patsub_replacement 2>/dev/null || true
export HOME=/root LC_ALL=C TZ=UTC
export PATH="${PATH:-/usr/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# A stray COMPOSE_FILE or DOCKER_HOST in the agent's environment would send us elsewhere.
for name in $(compgen -e); do
  case $name in COMPOSE_* | DOCKER_* | BUILDX_* | BUILDKIT_*) unset "$name" ;; esac
done
