/** Does CoreDNS write every query down? With the fix as it is done on the platform. */
import { parseCorefile } from '../corefile/blocks.ts';
import { findFaults } from '../corefile/faults.ts';
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
  const broken = findFaults(corefile).map(
    ({ line, message }): Finding => ({ rule: 'corefile-broken', where: `${source.path}:${line}`, message }),
  );
  return [
    ...broken,
    ...findLogGaps(corefile).map((gap) => ({
      rule: RULE_OF[gap.kind],
      where: `${source.path}:${gap.line}`,
      message: toSentence(gap),
      fix: REPLACED.includes(gap.kind) ? REPLACE : toFix(platform, source.path),
    })),
  ];
}

/** Where a log line is there already: what is added behind it would never be asked. */
const REPLACED: readonly LogGap['kind'][] = ['partial', 'poor_format'];
const REPLACE =
  'replace the log lines of the block by one line "log": of several the first whose name matches decides alone';

/** The managed platforms do not let the ConfigMap be edited; a node-local cache has its own everywhere. */
function toFix(platform: PlatformName | undefined, path: string): string {
  const known: Platform | undefined = platform === undefined ? undefined : PLATFORMS[platform];
  const isCache = path.includes('node-local-dns');
  if (known?.logging === undefined || isCache) return 'add a line "log" to the block, behind "errors"';
  const { snippet, after, warning } = known.logging;
  const how = snippet.kind === 'shell' ? snippet.text : `kubectl apply -f - <<'EOF'\n${snippet.text}EOF\n`;
  return `${warning === undefined ? '' : `# ${warning}\n`}${how}${after ?? ''}`.trimEnd();
}
