/** Prints the addresses that ask in a log, as JSON: the pods of a made-up cluster. */
import { createParser } from '../../src/parse/parser.ts';
import { createQuietSelf } from '../../src/self/self.ts';
import { toInputs } from '../../src/sources/inputs.ts';
import { readLines } from '../../src/sources/replay.ts';

const self = createQuietSelf();
const parser = createParser({ format: undefined }, self.parse);
const clients = new Set<string>();
for await (const lines of readLines(toInputs([process.argv[2] ?? ''], undefined), {}, self.sources)) {
  for (const { client } of parser.accept(lines)) clients.add(client);
}
process.stdout.write(JSON.stringify([...clients]));
