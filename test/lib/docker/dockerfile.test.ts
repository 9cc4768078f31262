import { expect, it } from "vitest";
import { lineOfStep } from "../../../src/lib/docker/dockerfile.ts";

const dockerfile = `# syntax=docker/dockerfile:1
FROM debian:trixie-slim AS build

RUN apt-get update \\
  # needed for psycopg
  && apt-get install   gcc
COPY . .
RUN make
FROM debian:trixie-slim
WORKDIR /\${PLACE}
COPY . .
`;

it.each([
  ["[web build 2/4] RUN apt-get update   && apt-get install   gcc", 4],
  ["[web build 4/4] RUN make", 8],
  // Twice the same, with a variable filled in, or of another file.
  ["[web 3/3] COPY . .", undefined],
  ["[web 2/3] WORKDIR /srv", undefined],
  ["[web internal] load metadata for debian:trixie-slim", undefined],
])("%s is on line %s", (step, line) => {
  expect(lineOfStep(dockerfile, step)).toBe(line);
});
