/** Lines that have come and were not read yet: bytes with positions, as a file has, that are gone once they were read. */

export interface LineQueue {
  push(chunk: Buffer): void;
  /** Fills `into` from byte `position` on, which never goes back; returns how many bytes there were. */
  read(into: Buffer, position: number): number;
  /** Where the last byte ends that has come. */
  readonly end: number;
  /** Resolves once less than `most` bytes are held, or it is closed. */
  room(most: number): Promise<void>;
  close(): void;
}

export function createLineQueue(): LineQueue {
  let chunks: Buffer[] = [];
  /** Of the first chunk. */
  let begin = 0;
  let end = 0;
  let isClosed = false;
  let waiting: { readonly most: number; readonly resolve: () => void }[] = [];

  function forgetBefore(position: number): void {
    let passed = 0;
    for (const { length } of chunks) {
      if (begin + length > position) break;
      begin += length;
      passed++;
    }
    chunks.splice(0, passed);
    const free = waiting.filter(({ most }) => isClosed || end - position < most);
    waiting = waiting.filter((one) => !free.includes(one));
    for (const { resolve } of free) resolve();
  }

  return {
    push(chunk) {
      if (isClosed) return;
      chunks.push(chunk);
      end += chunk.length;
    },
    read(into, position) {
      forgetBefore(position);
      let length = 0;
      let from = position - begin;
      for (const chunk of chunks) {
        length += chunk.copy(into, length, from);
        from = 0;
        if (length === into.length) break;
      }
      return length;
    },
    get end() {
      return end;
    },
    async room(most) {
      if (isClosed || end - begin < most) return;
      await new Promise<void>((resolve) => waiting.push({ most, resolve }));
    },
    close() {
      isClosed = true;
      chunks = [];
      begin = end;
      forgetBefore(end);
    },
  };
}
