import { createHash } from "node:crypto";
import type { JsonStore } from "../json-store.ts";
import { ServiceError } from "../protocol.ts";

/** One version of a document; none is ever changed. */
export interface DocumentVersion {
  readonly number: string;
  /** Unique among the versions of a document. */
  readonly name?: string;
  readonly content: string;
  /** Of the content as it was given, Sha256. */
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface OwnDocument {
  readonly name: string;
  readonly targetType: string;
  /** In the order of their numbers. */
  readonly versions: readonly DocumentVersion[];
  readonly defaultVersion: string;
  /** Numbers are not given again. */
  readonly lastNumber: number;
}

export interface DocumentState {
  documents: Record<string, OwnDocument>;
}

export type DocumentStore = JsonStore<DocumentState>;

/** Which version of a document is meant; its default one where neither is given. */
export interface Which {
  readonly version?: string | undefined;
  readonly versionName?: string | undefined;
}

/** @throws ServiceError InvalidDocument */
export function documentNamed({ documents }: DocumentState, name: string): OwnDocument {
  const found = documents[bareName(name)];
  if (found === undefined) throw new ServiceError("InvalidDocument", `Document with name ${name} does not exist.`);
  return found;
}

/** @throws ServiceError InvalidDocumentVersion */
export function versionOf(document: OwnDocument, { version = "$DEFAULT", versionName }: Which): DocumentVersion {
  const { versions, defaultVersion } = document;
  const number = version === "$DEFAULT" ? defaultVersion : version === "$LATEST" ? versions.at(-1)?.number : version;
  const found = versions.find((one) => (versionName === undefined ? one.number === number : one.name === versionName));
  if (found !== undefined) return found;
  const asked = versionName ?? version;
  throw new ServiceError("InvalidDocumentVersion", `The document version ${asked} is not valid or does not exist.`);
}

/** An ARN names a document as well. */
export function bareName(name: string): string {
  return name.replace(/^arn:.*:document\//, "");
}

export function hashOf(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}
