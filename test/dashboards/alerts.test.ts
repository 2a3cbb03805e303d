/** The rule files, and the runbook that every alert leads to. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { toAlerts, toGroups, toPrometheusRule, toRulesFile } from '../../dashboards/alerts/files.ts';
import { DEFAULT_OPTIONS } from '../../dashboards/alerts/rule.ts';
import { LOWEST_OBJECTIVE } from '../../dashboards/alerts/slo.ts';
import { LOSS_REASONS } from '../../src/self/sources.ts';
import { ATTRIBUTES } from '../../src/spans/catalogue.ts';
import { readDashboards, toPanels } from '../support/dashboards.ts';
import { readBlocks } from '../support/documents.ts';
import { findUnknown } from '../support/metricNames.ts';
import { createTestSelf } from '../support/self.ts';

const groups = toGroups();
const alerts = toAlerts(groups);
const rules = groups.flatMap(({ rules }) => rules);
const OF_WORKLOADS = ['client_namespace', 'client_workload'];
const recorded = new Map(
  rules.flatMap((rule) => ('record' in rule ? [[rule.record, OF_WORKLOADS] as const] : [])),
);

describe('the rules', () => {
  it('say the same as a file and as an object of the operator', () => {
    const file = parse(toRulesFile()) as { readonly groups: unknown };
    const object = parse(toPrometheusRule()) as { readonly kind: string; readonly spec: unknown };
    expect(file.groups).toHaveLength(groups.length);
    expect(object).toMatchObject({ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' });
    expect(object.spec).toEqual(file);
  });

  it('take the objective, and round nothing away', () => {
    const text = toRulesFile({ objective: 0.9995, runbooks: 'https://example.org/runbooks', grafana: '' });
    expect(text).toContain('> 14.4 * 0.0005');
    expect(text).not.toContain('> 14.4 * 0.001');
    expect(text).toContain('runbook_url: https://example.org/runbooks/CorespanDown.md');
  });

  it('can all fire, down to the lowest objective that is taken', () => {
    expect(toThresholds(LOWEST_OBJECTIVE)).toHaveLength(8);
    expect(toThresholds(LOWEST_OBJECTIVE).filter((share) => share >= 1)).toEqual([]);
    // Twin: the fast ones would have to see more bad lookups than there are.
    expect(toThresholds(0.93).filter((share) => share >= 1)).toHaveLength(2);
    expect(printAlerts('--objective', '95')).toMatchObject({ status: 0, stderr: '' });
    expect(printAlerts('--objective', '94.9')).toMatchObject({
      status: 2,
      stderr: '--objective: got 94.9, wants a percentage from 95 to 99.99\n',
    });
  });

  it.each([
    [['--objectiv', '99'], '--objectiv: no such option, did you mean --objective?'],
    [['--objective', '-5'], '--objective: got -5, wants a percentage from 95 to 99.99'],
    [['99.5'], '99.5: wants an option before it, as in --objective 99.5; see npm run -s alerts -- --help'],
    [['--runbooks'], '--runbooks: wants a value; see npm run -s alerts -- --help'],
    [
      ['--form', 'rule', '--colour'],
      '--colour: no such option, see npm run -s alerts -- --help\n--form: got rule, wants rules or prometheusrule',
    ],
  ])('are not printed for %j, and a sentence says why', (args, sentence) => {
    expect(printAlerts(...args)).toMatchObject({ status: 2, stdout: '', stderr: `${sentence}\n` });
  });

  it('name metrics and labels of the catalogue only', () => {
    expect(rules.flatMap(({ expr }) => findUnknown(expr, recorded))).toEqual([]);
    expect(findUnknown('corespan_findings_open{rule="x"} > 0', recorded)).toEqual([
      'no metric corespan_findings_open',
    ]);
  });

  it('never wake anybody up because of corespan itself', () => {
    const own = alerts.filter(({ alert }) => alert.startsWith('Corespan'));
    expect(own.length).toBeGreaterThan(8);
    expect(own.filter(({ severity }) => severity === 'critical')).toEqual([]);
  });

  it('lead to dashboards that there are, by names that those choose by', () => {
    const boards = new Map(readDashboards().map(({ uid, templating }) => [uid, templating.list] as const));
    for (const { alert, dashboard } of alerts) {
      const [, uid = ''] = /^\/d\/([\w-]+)/.exec(dashboard) ?? [];
      const names = boards.get(uid)?.map(({ name }) => name);
      expect(names, alert).toBeDefined();
      for (const [, name] of dashboard.matchAll(/var-(\w+)=/g)) expect(names, alert).toContain(name);
      // The name of a client may hold what means something in an address.
      expect(dashboard.replaceAll(/\{\{ \$labels\.\w+ \| urlquery \}\}/g, ''), alert).not.toContain('{{');
    }
  });
});

describe('runbooks', () => {
  const SECTIONS = ['## Meaning', '## Impact', '## Diagnosis', '## Mitigation', '## False positives'];

  it.each(alerts.map(({ alert }) => alert))('%s has one, with every section and a query', (alert) => {
    const file = `docs/runbooks/${alert}.md`;
    const text = existsSync(file) ? readFileSync(file, 'utf8') : 'missing';
    expect(text.split('\n')[0]).toBe(`# ${alert}`);
    expect(text.split('\n').filter((line) => line.startsWith('## '))).toEqual(SECTIONS);
    expect(readBlocks('promql', [file]).length).toBeGreaterThan(0);
    expect(readFileSync('docs/runbooks/README.md', 'utf8')).toContain(`(${alert}.md)`);
  });

  it('that of CorespanDropping has every reason for which something is dropped', () => {
    const found = findUntold(readFileSync('docs/runbooks/CorespanDropping.md', 'utf8'));
    expect(found).toEqual([]);
    expect(findUntold('`spans` `queue_full`').length).toBeGreaterThan(6);
  });

  it('there is none without an alert', () => {
    const names = readdirSync('docs/runbooks').map((file) => file.replace(/\.md$/, ''));
    expect(names.filter((name) => name !== 'README').toSorted()).toEqual(
      alerts.map(({ alert }) => alert).toSorted(),
    );
  });
});

it('the panel of possible loss names every reason', () => {
  const panel = readDashboards()
    .flatMap(toPanels)
    .find(({ title }) => title === 'Moments of possible loss');
  for (const reason of LOSS_REASONS) expect(panel?.description).toMatch(new RegExp(`\\b${reason}\\b`));
});

describe('documents', () => {
  const promql = readBlocks('promql');
  const traceql = readBlocks('traceql');

  it('name metrics and labels of the catalogue only', () => {
    expect(promql.length).toBeGreaterThan(40);
    expect(
      promql.flatMap(({ where, text }) => findUnknown(text, recorded).map((what) => `${where}: ${what}`)),
    ).toEqual([]);
  });

  it('look for failed lookups by their outcome: the span of a denied one is an error too', () => {
    expect(traceql.filter(({ text }) => text.includes('outcome = "error"')).length).toBeGreaterThan(4);
    expect(traceql.filter(({ text }) => /\bstatus\s*=/.test(text))).toEqual([]);
  });

  it('ask for a namespace in a term that can be left out', () => {
    const own = traceql.filter(({ text }) => text.includes('resource.service.namespace'));
    expect(own.length).toBeGreaterThan(6);
    for (const { where, text } of own)
      expect(text, where).toMatch(
        /resource\.service\.name = "web" && resource\.service\.namespace = "shop" && /,
      );
  });

  it('keep back what a faster alert has said, of every slower one', () => {
    const [snippet] = readBlocks('yaml', ['docs/alerting.md']).filter(({ text }) =>
      text.startsWith('inhibit_rules:'),
    );
    const { inhibit_rules: inhibitions } = parse(snippet?.text ?? '') as {
      readonly inhibit_rules: readonly {
        readonly source_matchers: readonly string[];
        readonly target_matchers: readonly string[];
        readonly equal: readonly string[];
      }[];
    };
    const burns = alerts.map(({ alert }) => alert).filter((alert) => alert.includes('Burn'));
    const matched = (matcher = ''): string[] => {
      const [, isPattern, value = ''] = /^alertname =(~?) "?([^"]+)"?$/.exec(matcher) ?? [];
      return burns.filter((alert) =>
        isPattern ? new RegExp(`^(?:${value})$`).test(alert) : alert === value,
      );
    };
    expect(
      inhibitions.map(({ source_matchers: [source], target_matchers: [target] }) => [
        ...matched(source),
        ...matched(target),
      ]),
    ).toEqual([burns, burns.slice(1), burns.slice(2)]);
    for (const { equal } of inhibitions) expect(equal).toEqual(OF_WORKLOADS);
  });

  it('name attributes of the catalogue only', () => {
    expect(traceql.length).toBeGreaterThan(5);
    expect(
      traceql.flatMap(({ where, text }) => findUnknownAttributes(text).map((name) => `${where}: ${name}`)),
    ).toEqual([]);
    expect(findUnknownAttributes('{ span.dns.name = "x" && resource.service.name = "y" }')).toEqual([
      'span.dns.name',
    ]);
  });
});

/** Shares of bad lookups at which the rules about budgets fire. */
function toThresholds(objective: number): number[] {
  const text = toRulesFile({ ...DEFAULT_OPTIONS, objective });
  return [...text.matchAll(/ratio_rate\w+ > ([\d.]+) \* ([\d.]+)/g)].map(
    ([, factor, budget]) => Number(factor) * Number(budget),
  );
}

function printAlerts(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['scripts/alerts.ts', ...args], { encoding: 'utf8' });
}

/** Stages and reasons of drops, as a corespan shows them from its start, that a runbook does not have. */
function findUntold(runbook: string): string[] {
  const names = createTestSelf()
    .registry.samples('corespan_dropped_total')
    .flatMap(({ labels }) => labels);
  return [...new Set(names)].filter((name) => !runbook.includes(`\`${name}\``));
}

/** Attributes of a TraceQL query that spans of ours do not have where it looks for them. */
function findUnknownAttributes(query: string): string[] {
  return [...query.matchAll(/\b(span|resource)\.([\w.]+)/g)]
    .filter(([, scope, name = '']) => {
      const on: readonly string[] = Object.hasOwn(ATTRIBUTES, name)
        ? ATTRIBUTES[name as keyof typeof ATTRIBUTES].on
        : [];
      return scope === 'resource' ? !on.includes('resource') : !on.some((place) => place !== 'resource');
    })
    .map(([found]) => found);
}
