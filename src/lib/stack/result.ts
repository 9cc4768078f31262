import type { Next } from "../errors/next.ts";
import type { Digest } from "../image/digest.ts";
import type { CheckResult } from "../probe/check.ts";
import type { Migration } from "../release/migrations.ts";

/** An image that ran and was found good. */
export interface RanImage {
  readonly service: string;
  /** `sha256:…` of the image configuration, as the engine reports it for the running container. */
  readonly id: string;
  /** The reference that it was started by. */
  readonly reference: string;
  /** `repository@sha256:…` that the engine knows it by; empty for what was built here. */
  readonly digests: readonly string[];
}

interface StackDurations {
  /** Build, or pull where the images were given. */
  readonly buildMs: number;
  readonly upMs: number;
  readonly checksMs: number;
  readonly downMs: number;
}

/** What a stack that passed has shown. One that did not pass is a ThreadsError. */
export interface StackReport {
  readonly project: string;
  readonly images: readonly RanImage[];
  readonly checks: readonly CheckResult[];
  readonly durations: StackDurations;
  /** Of what was built, as its image tells; undefined where it does not, or nothing was built. */
  readonly migrations: readonly Migration[] | undefined;
  /** What could not be removed afterwards; empty as a rule. */
  readonly leftovers: readonly string[];
  /** The stack that is still there, since that was asked for. */
  readonly kept: KeptStack | null;
}

export interface KeptStack {
  /** Its compose project. */
  readonly project: string;
  /** Where it answers. */
  readonly url: string;
}

/** What another machine can publish. */
export interface Saved {
  readonly folder: string;
  /** Of the record there, which names the images by their digests: for `threads publish --digest` there. */
  readonly digest: Digest;
}

interface PlannedImage {
  readonly service: string;
  /** Given only if every check passes; null for a dirty tree, and for what is published. */
  readonly tag: string | null;
  /** `host/repository@sha256:…` of what is published; null where it is built. */
  readonly reference: string | null;
}

export interface SmokePlan {
  /** Full sha, with `-dirty` where the working tree differs from it. */
  readonly revision: string;
  readonly tree: string;
  readonly dirty: boolean;
  /** Paths relative to the root. */
  readonly compose: readonly string[];
  readonly images: readonly PlannedImage[];
  /** Null where threads.yml has no smoke.env. */
  readonly environment: { readonly template: string; readonly generated: readonly string[] } | null;
  readonly checks: readonly string[];
  /** Of the published release that is tested; null where the images are built. */
  readonly bundle: Digest | null;
}

export type SmokeResult =
  | ({ readonly outcome: "planned" } & SmokePlan & Next)
  | ({
      readonly outcome: "passed";
      readonly revision: string;
      readonly tree: string;
      readonly dirty: boolean;
      readonly images: readonly Omit<RanImage, "digests">[];
      readonly checks: readonly CheckResult[];
      readonly durations: StackDurations;
      /** In order, as the image tells; null where threads.yml names no command for it (runtime.migrations). */
      readonly migrations: readonly Migration[] | null;
      /** Local tags that now say "smoke passed"; none for a dirty tree. */
      readonly tagged: readonly string[];
      readonly leftovers: readonly string[];
      /** The stack that is still there; null without --keep. */
      readonly kept: KeptStack | null;
      /** The images that passed, to be handed over; null without --save. */
      readonly saved: Saved | null;
      /** Of the published release that was tested; null where the images were built. */
      readonly bundle: Digest | null;
      /** Whether it is on record for gates that ask for it: only what is published can be. */
      readonly recorded: boolean;
    } & Next);
