/** Does two things at once, and ends with the second one's result. Where both fail, the first one's failure is thrown. */
export async function both<T>(first: () => Promise<unknown>, second: () => Promise<T>): Promise<T> {
  const [one, other] = await Promise.allSettled([first(), second()]);
  if (one.status === "rejected") throw one.reason;
  if (other.status === "rejected") throw other.reason;
  return other.value;
}
