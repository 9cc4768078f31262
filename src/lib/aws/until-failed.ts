import { once } from "./once.ts";

/**
 * Makes something on first use and keeps it for those after it, until one of them fails, or it cannot be made: what it has
 * remembered of a failure, such as that nobody said whom the credentials belong to, is forgotten with it.
 */
export function untilFailed<T>(make: () => Promise<T>): <R>(use: (made: T) => Promise<R>) => Promise<R> {
  let made = once(make);
  return async (use) => {
    const mine = made;
    try {
      return await use(await mine());
    } catch (error) {
      // One that was made since has not failed.
      if (made === mine) made = once(make);
      throw error;
    }
  };
}
