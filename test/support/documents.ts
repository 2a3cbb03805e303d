/** Reads the code blocks of the documents: what a reader would copy. */
import { globSync, readFileSync } from 'node:fs';

export interface CodeBlock {
  /** File and number of the block within it. */
  readonly where: string;
  readonly file: string;
  readonly language: string;
  readonly text: string;
}

/** Blocks of one language in all Markdown files of `docs` and `examples`, or in the files given. */
export function readBlocks(
  language: string,
  files: readonly string[] = globSync(['docs/**/*.md', 'examples/**/*.md', 'README.md']).toSorted(),
): CodeBlock[] {
  return files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
      .filter(([, found]) => found === language)
      .map(([, , text = ''], at) => ({ where: `${file} ${at + 1}`, file, language, text: text.trim() })),
  );
}
