/** Whether a text is a full git sha (SHA-1, or SHA-256 in newer repositories): only that may name a release. */
export function isRevision(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** How people read a sha: twelve digits. */
export function shortRevision(revision: string): string {
  return revision.slice(0, 12);
}
