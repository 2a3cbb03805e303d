/** Does CoreDNS write every query down? With the fix as it is done on the platform. */
import { parseCorefile } from '../corefile/blocks.ts';
import { findLogGaps, type LogGap } from '../corefile/queryLog.ts';
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
    ...findLogGaps(corefile).map(({ line, block, kind, message }) => ({
      rule: RULE_OF[kind],
      where: `${source.path}:${line}`,
      message: `block ${block} ${message}`,
      fix: toFix(platform, source.path),
    })),
  ];
}

/** The managed platforms do not let the ConfigMap be edited; a node-local cache has its own everywhere. */
function toFix(platform: PlatformName | undefined, path: string): string {
  const known: Platform | undefined = platform === undefined ? undefined : PLATFORMS[platform];
  const isCache = path.includes('node-local-dns');
  if (known?.logging === undefined || isCache) return 'add a line "log" to the block, behind "errors"';
  const { snippet, after } = known.logging;
  const how = snippet.kind === 'shell' ? snippet.text : `kubectl apply -f - <<'EOF'\n${snippet.text}EOF\n`;
  return `${how}${after ?? ''}`.trimEnd();
}
