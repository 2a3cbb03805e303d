/** Lines: what travels from a log file to the parser, as ranges of bytes rather than as one object a line. */

/** The DNS container that wrote a log, as far as its path tells (`<ns>_<pod>_<uid>/<container>/<n>.log`). */
export interface DnsPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly container: string;
}

/** One log file, from its first byte to its last, under whatever name it has at the moment. */
export interface LogFile {
  /** As found; for messages only, since rotation renames files. */
  readonly path: string;
  /** Survives rename and compression: a fingerprint of the container, its run and the first line (sources/fileIds.ts). */
  readonly id: string;
  readonly pod: DnsPod | undefined;
}

/** How metrics and messages name the writer of a log: `<namespace>/<pod>`, or the file where no pod is known. */
export function toDnsPodLabel({ path, pod }: LogFile): string {
  return pod === undefined ? path.slice(path.lastIndexOf('/') + 1) : `${pod.namespace}/${pod.name}`;
}

/**
 * Some complete lines of one file, in the order of the file.
 *
 * Line `i` (from ≤ i < to) has the text `bytes[start[i]..end[i])`: wrapping (CRI, docker json-file) and newline
 * are off. The arrays and `bytes` belong to the source and are overwritten after the hand-over: whoever wants
 * to keep text copies exactly the range it keeps.
 */
export interface Lines {
  readonly file: LogFile;
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /**
   * When the line was written, in milliseconds since the epoch with a fraction (0.25 µs resolution): as its wrapping or
   * its text says, else as its neighbours or the source's clock do. Never NaN.
   */
  readonly time: Float64Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Where the line begins in the file, in bytes. */
  readonly offset: Float64Array;
}

/** Why a line was read but not understood; a closed set, because it becomes a metric label. */
export const REJECTION_REASONS = [
  /** Longer than the line limit: cut, and the rest skipped up to the next newline. */
  'oversize',
  /** Begins like a runtime's wrapping (CRI, docker json-file) but is not one. */
  'bad_wrapping',
  /** Begins like a JSON log line but is not one, or lacks what a query needs. */
  'bad_json',
  /** Begins like a query but breaks the grammar or a range. */
  'bad_query',
  /** Nothing that CoreDNS is known to write. */
  'unrecognised',
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** What a line that is no query is about; a closed set, because it becomes a metric label. */
export const NOTICE_KINDS = [
  /** The `errors` plugin: a failed query, or a summary of several. */
  'errors',
  /** Start-up: listeners, version, maxprocs. */
  'banner',
  /** The reload plugin and the restart it triggers. */
  'reload',
  /** health and ready plugins. */
  'health',
  /** Signals, lameduck, tearing down. */
  'stop',
  /** A panic that the server recovered from, and its stack. */
  'panic',
  /** The kubernetes plugin and klog lines of its client. */
  'kubernetes',
  'loop',
  'dnstap',
  /** node-cache's own messages and its dump of the Corefile. */
  'node_cache',
  /** Any other plugin's or the server's message in CoreDNS's own shape. */
  'message',
  /** An empty line. */
  'blank',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];
