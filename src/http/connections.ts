/** The connections that are open: when there are too many, the oldest of whoever has most makes room for the newcomer. */
import type { Socket } from 'node:net';

export interface Connections {
  /** Takes a connection in; may cut another one for it, never this one. */
  add(socket: Socket): void;
  /** Does not cut a connection while `work` is under way: a scrape that has begun is read to its end. */
  keep<T>(socket: Socket, work: () => Promise<T>): Promise<T>;
}

/** `max` connections stay open; `onCut` hears of each that had to go. */
export function createConnections(max: number, onCut: () => void): Connections {
  /** In the order in which they came. */
  const open = new Set<Socket>();
  const kept = new Set<Socket>();

  /**
   * An address that opens a thousand connections cuts its own only, however fast it is: a health check comes from
   * another one. Where all share one address, the newest have the longest time to be answered.
   */
  function findOldestOfMost(): Socket | undefined {
    const counts = new Map<string, number>();
    for (const { remoteAddress = '' } of open) {
      counts.set(remoteAddress, (counts.get(remoteAddress) ?? 0) + 1);
    }
    let found: Socket | undefined;
    let most = 0;
    for (const socket of open) {
      const count = counts.get(socket.remoteAddress ?? '') ?? 0;
      if (kept.has(socket) || count <= most) continue;
      found = socket;
      most = count;
    }
    return found;
  }

  return {
    add(socket) {
      if (open.size >= max) {
        const oldest = findOldestOfMost();
        if (oldest !== undefined) {
          open.delete(oldest);
          oldest.destroy();
          onCut();
        }
      }
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    },
    async keep(socket, work) {
      kept.add(socket);
      try {
        return await work();
      } finally {
        kept.delete(socket);
      }
    },
  };
}
