/** The logs that are read in benchmarks, by name; each is the same for the same seed and number of lines. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type CorpusOptions, generateCorpus } from '../support/corpus.ts';

export const CORPORA = {
  mixed: { says: 'the mix of a cluster', options: {} },
  unique: { says: 'every name is new', options: { uniqueNames: true } },
  json: { says: "CoreDNS's JSON log format", options: { shape: 'json' } },
  ipv6: { says: 'every client over IPv6', options: { clients: 'ipv6' } },
  raw: { says: 'without the container runtime’s wrapping', options: { wrapping: 'none' } },
} as const satisfies Record<string, { says: string; options: Omit<CorpusOptions, 'lines' | 'seed'> }>;

export type CorpusName = keyof typeof CORPORA;

/** Writes a corpus to `path`; its size in bytes. */
export function writeCorpus(
  name: CorpusName,
  path: string,
  size: Pick<CorpusOptions, 'lines' | 'seed'>,
): number {
  const file = openSync(path, 'w');
  let bytes = 0;
  for (const piece of generateCorpus({ ...CORPORA[name].options, ...size })) {
    writeSync(file, piece);
    bytes += piece.length;
  }
  closeSync(file);
  return bytes;
}
