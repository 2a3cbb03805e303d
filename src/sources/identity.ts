/** What is found out about a file when its first line is known. */

/** Who a file is and where to read on, `isRead` if there is nothing more to read. */
export interface Start {
  readonly id: string;
  readonly offset: number;
  readonly isRead: boolean;
}

/** The same content stands in a file that is followed already. */
export interface Held {
  /** The id of its log, if that is certain; of a compressed file nobody knows how much that is. */
  readonly copyOf: string | undefined;
}

export type Identity = Start | Held;
