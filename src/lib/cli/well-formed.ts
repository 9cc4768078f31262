/** The value of a flag, or the complaint before which oclif names the flag. @param form what it must look like */
export function wellFormed<T>(parsed: T | undefined, written: string, form: string): Promise<T> {
  if (parsed === undefined) return Promise.reject(new Error(`${JSON.stringify(written)} failed: it must be ${form}`));
  return Promise.resolve(parsed);
}
