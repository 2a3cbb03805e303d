/** Who is there in a complete state, by uid. */

export interface Present {
  has(uid: string): boolean;
}

/** The first state is not asked: nobody is known yet, and a set of 50,000 would be made when memory is at its peak. */
export function createPresent(objects: readonly { readonly uid: string }[]): Present {
  let uids: ReadonlySet<string> | undefined;
  return {
    has(uid) {
      uids ??= new Set(objects.map((object) => object.uid));
      return uids.has(uid);
    },
  };
}
