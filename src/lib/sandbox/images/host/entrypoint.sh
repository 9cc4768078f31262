#!/bin/bash
# Boots the sandbox host: cgroups, the instance role, the way to the sandbox's server, then the engine in the foreground.
set -Eeuo pipefail

nest_cgroups() {
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    # v2: a group with processes of its own may not hand controllers to children, so everything moves one level down first.
    mkdir -p /sys/fs/cgroup/init
    local pid controllers attempt
    for attempt in 1 2 3 4 5; do
      while read -r pid; do
        echo "$pid" >/sys/fs/cgroup/init/cgroup.procs 2>/dev/null || true
      done </sys/fs/cgroup/cgroup.procs
      controllers=$(sed -e 's/^/+/' -e 's/ / +/g' /sys/fs/cgroup/cgroup.controllers)
      if echo "$controllers" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null; then return; fi
    done
    echo "sandbox-host: cgroup v2 controllers could not be delegated (attempt $attempt); containers run without limits" >&2
  else
    # v1: systemd-style named hierarchy that some images look for.
    if [ ! -d /sys/fs/cgroup/systemd ] && mkdir -p /sys/fs/cgroup/systemd; then
      mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd 2>/dev/null || true
    fi
  fi
}

# A kernel without nf_tables makes the default iptables fail; the legacy one then works.
choose_iptables() {
  if ! iptables-nft -w -t nat -nL >/dev/null 2>&1 && iptables-legacy -w -t nat -nL >/dev/null 2>&1; then
    update-alternatives --set iptables /usr/sbin/iptables-legacy >/dev/null
    update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy >/dev/null
  fi
}

store_instance_role() {
  install -d -m 0755 /etc/sandbox
  (
    umask 077
    {
      printf 'SANDBOX_ENDPOINT=http://127.0.0.1:%s\n' "$SANDBOX_PORT"
      printf 'SANDBOX_REGISTRY=127.0.0.1:%s\n' "$SANDBOX_PORT"
      printf 'SANDBOX_REGION=%s\n' "$SANDBOX_REGION"
      printf 'SANDBOX_ACCOUNT=%s\n' "$SANDBOX_ACCOUNT"
      printf 'SANDBOX_INSTANCE_ID=%s\n' "$SANDBOX_INSTANCE_ID"
      printf 'SANDBOX_ACCESS_KEY_ID=%s\n' "${SANDBOX_ACCESS_KEY_ID:-}"
      printf 'SANDBOX_SECRET_ACCESS_KEY=%s\n' "${SANDBOX_SECRET_ACCESS_KEY:-}"
      printf 'SANDBOX_SESSION_TOKEN=%s\n' "${SANDBOX_SESSION_TOKEN:-}"
    } >/etc/sandbox/instance-role.new
    mv -f /etc/sandbox/instance-role.new /etc/sandbox/instance-role
    mkdir -p /root/.docker
    if [ ! -s /root/.docker/config.json ]; then
      printf '{"credHelpers":{"127.0.0.1:%s":"ecr-login"}}\n' "$SANDBOX_PORT" >/root/.docker/config.json
    fi
  )
}

# Restarted when it dies: without it the host can neither pull nor reach the APIs.
forward_endpoint() {
  while true; do
    socat "TCP-LISTEN:$SANDBOX_PORT,bind=127.0.0.1,reuseaddr,fork,backlog=128" "TCP:$SANDBOX_SERVER:$SANDBOX_PORT,connect-timeout=5" || true
    sleep 0.5
  done
}

nest_cgroups
choose_iptables
store_instance_role
# What a real reboot empties: pid files and sockets of an engine that was killed would stop the next one from starting.
rm -rf /run/docker /run/docker.pid /run/docker.sock /run/containerd /run/xtables.lock

forward_endpoint 2>/dev/null &

# The limits make Go give memory back: three hosts have to fit a laptop beside the application.
# shellcheck disable=SC2086 # DOCKERD_ARGS is a list of words by contract
env -u SANDBOX_ACCESS_KEY_ID -u SANDBOX_SECRET_ACCESS_KEY -u SANDBOX_SESSION_TOKEN GOGC=50 GOMEMLIMIT=96MiB \
  dockerd --host unix:///run/docker.sock --storage-driver overlay2 --shutdown-timeout 1 --log-level warn $DOCKERD_ARGS &
engine=$!

# An orderly stop takes a second; a busy machine needs more, and an engine that is cut off in it may not start its containers
# again. Then the end of this process takes the whole host down, like pulling the plug after TERM.
power_off() {
  trap '' TERM INT
  kill -TERM "$engine" 2>/dev/null || true
  for _ in {1..80}; do
    kill -0 "$engine" 2>/dev/null || exit 0
    sleep 0.1
  done
  exit 0
}
trap power_off TERM INT

status=0
wait "$engine" || status=$?
echo "sandbox-host: the engine ended with status $status" >&2
exit "$status"
