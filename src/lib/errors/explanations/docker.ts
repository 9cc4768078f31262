import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** Docker on this machine: its engine, its disk, its network. It says nothing about the code under test. */
export const docker = {
  DISK_FULL: {
    meaning: "A disk is full: Docker's own, or the one of TMPDIR, where images are put while they are uploaded.",
    advice: [
      "`df -h` and `docker system df` show what takes the room; `docker builder prune` makes some.",
      "Set TMPDIR to a folder on a larger disk.",
    ],
  },
  DOCKER_CONTEXT: {
    meaning: "DOCKER_CONTEXT, or `docker context use`, names a context that Docker does not have.",
    advice: [
      "`docker context ls` shows those that there are; `docker context use default` goes back to the usual one.",
    ],
  },
  DOCKER_DOWN: {
    meaning: "The Docker daemon does not answer.",
    advice: [
      "`sudo systemctl start docker` starts it, or Docker Desktop where you have that; `docker info` shows whether it answers.",
      "`docker context ls` shows which daemon is asked.",
    ],
  },
  DOCKER_FAILED: {
    meaning: "Docker refused something, in a way that threads has no better words for.",
    advice: [
      "Read Docker's own words, which the message shows; `docker info` shows whether it is well.",
      "Where the sandbox is concerned: `threads sandbox down`, then `threads sandbox up`.",
    ],
  },
  DOCKER_PERMISSION: {
    meaning: "This user may not talk to the Docker daemon.",
    advice: ["`sudo usermod -aG docker $USER`, then log in again."],
  },
  IMAGE_NOT_AVAILABLE: {
    meaning: "An image cannot be pulled: its registry does not have it, or does not give it to this user.",
    advice: [
      "`docker pull IMAGE` tries it alone; `docker login` where the registry wants to know who asks.",
      "Where no registry can be reached, `docker load` takes an image from a file that `docker save` wrote elsewhere.",
    ],
  },
  NO_COMPOSE: {
    meaning: "This Docker has no `compose` command, which is Compose v2.",
    advice: ["Install the package docker-compose-plugin as https://docs.docker.com/compose/install/linux says."],
  },
  NO_DOCKER: {
    meaning: "Docker is not installed, or not on the PATH.",
    advice: [
      "Install Docker Engine and Compose as https://docs.docker.com/engine/install says.",
      "`docker info` shows whether it answers.",
    ],
  },
  OLD_COMPOSE: {
    meaning: "Docker Compose is older than what the stacks need.",
    advice: [
      "Install a newer docker-compose-plugin as https://docs.docker.com/compose/install/linux says.",
      "`docker compose version` shows which one there is.",
    ],
  },
  PORT_TAKEN: {
    meaning: "Another program listens on a port that a container is to publish, or `threads board` to listen on.",
    advice: [
      "The message names the container or the process that has it, where this user may see that; `sudo ss -ltunp` shows it otherwise.",
      "Stop it, or give one of the two another port; what is published on a port that is chosen anew only has to be run again.",
    ],
  },
  PROJECT_EXISTS: {
    meaning: "Something runs already under the random name that was made for this stack.",
    advice: ["Run the same again: the name is another one each time."],
  },
  RATE_LIMITED: {
    meaning: "A public registry limits how many images this address may pull.",
    advice: ["`docker login`: with an account the limit is higher.", "Or wait and run the same again."],
  },
} as const satisfies Partial<Record<Code, Explanation>>;
