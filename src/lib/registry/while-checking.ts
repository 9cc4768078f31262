/** Reads while the account is being checked, to save the time of one call; the check's failure is told first. */
export async function whileChecking<T>(check: () => Promise<unknown>, read: () => Promise<T>): Promise<T> {
  const [checked, found] = await Promise.allSettled([check(), read()]);
  if (checked.status === "rejected") throw checked.reason;
  if (found.status === "rejected") throw found.reason;
  return found.value;
}
