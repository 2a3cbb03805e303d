/** Does CoreDNS write every query down? With the fix as it is done on the platform. */
import { parseCorefile } from '../corefile/blocks.ts';
import { findLogGaps, type LogGap, toSentence } from '../corefile/queryLog.ts';
import type { CorefileSource } from '../corefile/source.ts';
import { PLATFORMS, type Platform, type PlatformName } from '../platforms.ts';
import type { Finding, RuleName } from './rules.ts';

const RULE_OF: Readonly<Record<LogGap['kind'], RuleName>> = {
  no_log: 'no-query-log',
  poor_format: 'poor-log-format',
  partial: 'partial-query-log',
  unread_import: 'unread-import',
};

export function examineCorefile(source: CorefileSource, platform: PlatformName | undefined): Finding[] {
  const corefile = parseCorefile(source.text, source.findFiles);
  const broken = corefile.problems.map(
    ({ line, message }): Finding => ({ rule: 'corefile-broken', where: `${source.path}:${line}`, message }),
  );
  return [
    ...broken,
    ...findLogGaps(corefile).map((gap) => ({
      rule: RULE_OF[gap.kind],
      where: `${source.path}:${gap.line}`,
      message: toSentence(gap),
      fix: toFix(platform, source.path),
    })),
  ];
}

/** The managed platforms do not let the ConfigMap be edited; a node-local cache has its own everywhere. */
function toFix(platform: PlatformName | undefined, path: string): string {
  const known: Platform | undefined = platform === undefined ? undefined : PLATFORMS[platform];
  const isCache = path.includes('node-local-dns');
  if (known?.logging === undefined || isCache) return 'add a line "log" to the block, behind "errors"';
  const { snippet, after, warning } = known.logging;
  const how = snippet.kind === 'shell' ? snippet.text : `kubectl apply -f - <<'EOF'\n${snippet.text}EOF\n`;
  return `${warning === undefined ? '' : `# ${warning}\n`}${how}${after ?? ''}`.trimEnd();
}
