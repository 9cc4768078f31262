/** Semantic Versioning 2.0.0 without build metadata, with or without the usual `v`. */
const version = /^v?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** Whether a text is a version that images can carry as a tag. */
export function isVersion(text: string): boolean {
  return version.test(text);
}
