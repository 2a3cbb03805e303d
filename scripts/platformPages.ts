/** One page for each platform, from the table that the doctor uses too. */
import {
  type Logging,
  PLATFORM_NAMES,
  PLATFORMS,
  type Platform,
  type Way,
} from '../src/install/platforms.ts';

const MADE = '<!-- Made by `npm run generate`. Change src/install/platforms.ts, not this file. -->';

/** Path → content. */
export function toPlatformPages(): Map<string, string> {
  return new Map(
    PLATFORM_NAMES.map((name) => [`docs/install/platforms/${name}.md`, toPage(PLATFORMS[name])]),
  );
}

const WAYS: Readonly<Record<Way, string>> = {
  inject: '[inject](../inject.md) or [kustomize](../kustomize.md)',
  policy: 'the [admission policy](../policy.md), from Kubernetes 1.36 on',
  'helm values': "the coredns chart's own values (`manifests/examples/coredns-chart/values.yaml`)",
  reader: 'the [reader](../reader.md)',
};

function toPage({ title, logging, ways, reverts, notes }: Platform): string {
  const parts = [
    MADE,
    `# ${title}`,
    ...(logging === undefined ? [] : ['## Query logging', toHow(logging), toSnippet(logging)]),
    '## Ways in',
    ways.length === 0 ? 'None.' : ways.map((way, at) => `${at + 1}. ${WAYS[way]}`).join('\n'),
    '## What reverts it',
    reverts,
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function toHow({ how, warning }: Logging): string {
  return warning === undefined ? how : `${how} **${warning}**`;
}

function toSnippet({ snippet, after }: Logging): string {
  const then = after === undefined ? '' : `\n\n\`\`\`console\n$ ${after}\n\`\`\``;
  if (snippet.kind === 'shell') return `\`\`\`console\n${snippet.text}\`\`\`${then}`;
  return `\`manifests/examples/${snippet.path}\`:\n\n\`\`\`yaml\n${snippet.text}\`\`\`${then}`;
}
