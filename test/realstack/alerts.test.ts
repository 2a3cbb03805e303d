/** Every alert fires where it should and is silent where it should be, in two generations of PromQL. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { toAlerts, toGroups, toRulesFile } from '../../dashboards/alerts/files.ts';
import { readDashboards, substitute } from '../support/dashboards.ts';
import { readBlocks } from '../support/documents.ts';
import { type AlertCase, toRuleTest } from './alertCase.ts';
import { ANOMALY_CASES, toDenials } from './alertCasesAnomalies.ts';
import { HEALTH_CASES } from './alertCasesHealth.ts';
import { SLO_CASES } from './alertCasesSlo.ts';
import { checkRules, PROMTOOL_GENERATIONS, PROMTOOL_NEEDS, type RuleTest, testRules } from './promtool.ts';
import { describeRealStack } from './realStack.ts';
import { tell } from './tell.ts';

const RULES = readFileSync('dashboards/prometheus/corespan-rules.yaml', 'utf8');
const ALERTS = toAlerts(toGroups());
const CASES: readonly AlertCase[] = [...SLO_CASES, ...ANOMALY_CASES, ...HEALTH_CASES];

/** As it is taught in courses on cluster security: a share of all responses, search path and all. */
const PUBLIC_RULE = `groups:
  - name: public
    rules:
      - alert: HighDNSNXDOMAINRate
        expr: sum(rate(coredns_dns_responses_total{rcode="NXDOMAIN"}[5m])) / sum(rate(coredns_dns_responses_total[5m])) > 0.3
        for: 10m
`;

describeRealStack('alerts', PROMTOOL_NEEDS, () => {
  afterAll(() => {
    tell(`${ALERTS.length} alerts, ${CASES.length} cases, on promtool ${PROMTOOL_GENERATIONS.join(' and ')}`);
  });

  test('each has a case in which it fires and one in which it is silent', () => {
    expect(ALERTS.length).toBeGreaterThan(14);
    for (const { alert } of ALERTS) {
      const own = CASES.filter((one) => one.alert === alert);
      expect(own.filter(({ firing }) => firing.length > 0).length, `${alert} fires`).toBeGreaterThan(0);
      expect(own.filter(({ firing }) => firing.length === 0).length, `${alert} is silent`).toBeGreaterThan(0);
    }
  });

  describe.each(PROMTOOL_GENERATIONS)('promtool %s', (generation) => {
    test('takes the rules, with other objectives too', async () => {
      expect(await checkRules(generation, RULES)).toBe('');
      const strict = { objective: 0.9999, runbooks: 'https://example.org', grafana: 'https://example.org' };
      expect(await checkRules(generation, toRulesFile(strict))).toBe('');
      expect(await checkRules(generation, RULES.replace('> 14.4', '>> 14.4'))).toContain('parse error');
    });

    test.each(ALERTS.map(({ alert }) => alert))('%s', async (alert) => {
      const tests = CASES.filter((one) => one.alert === alert).map(toRuleTest);
      expect(await testRules(generation, toGroupOf(alert), tests)).toBe('');
    });

    test('an alert that does not do what a case says is noticed (twin)', async () => {
      const [fires, silent] = ['fires', 'silent'].map((what) =>
        CASES.find(
          ({ alert, firing }) => alert === 'CorespanBehind' && firing.length > 0 === (what === 'fires'),
        ),
      );
      if (fires === undefined || silent === undefined) return expect.fail('no cases');
      const turned = [
        { ...fires, firing: [] },
        { ...silent, firing: fires.firing },
        { ...silent, sees: 'corespan_nothing' },
      ];
      for (const one of turned) {
        expect(await testRules(generation, toGroupOf(one.alert), [toRuleTest(one)])).toContain('FAILED');
      }
    });

    test('the texts of an alert are filled in, also for a client without a namespace', async () => {
      expect(await testRules(generation, RULES, TEXT_TESTS)).toBe('');
    });

    test('the mark of a reload is drawn for the first one too, which is a series born at 1', async () => {
      const [annotation] = readDashboards().flatMap(({ annotations }) => annotations.list);
      const expr = substitute(annotation?.expr ?? '', { job: '.+', instance: '.+' });
      const labels = 'job="corespan", instance="a", dns_pod="kube-system/coredns-1"';
      const reloads = {
        series: `corespan_lines_parsed_total{${labels}, kind="reload"}`,
        values: '_x10 1x20 3x20',
      };
      const at = (eval_time: string, value: number | undefined) => ({
        expr,
        eval_time,
        exp_samples: value === undefined ? [] : [{ labels: '{dns_pod="kube-system/coredns-1"}', value }],
      });
      const marks = [
        at('9m', undefined),
        at('10m', 1),
        at('20m', undefined),
        at('31m', 2),
        at('45m', undefined),
      ];
      const scraped = { series: 'corespan_build_info{job="corespan", instance="a"}', values: '1x60' };
      const input_series = [reloads, scraped];
      const one = { name: 'reloads', interval: '1m', input_series, promql_expr_test: marks };
      expect(await testRules(generation, RULES, [one])).toBe('');
      // Together with the whole of corespan: a reload of long ago.
      const first = { ...one, input_series: [reloads, { ...scraped, values: '_x10 1x50' }] };
      const unmarked = [at('10m', undefined), at('31m', 2)];
      expect(await testRules(generation, RULES, [{ ...first, promql_expr_test: unmarked }])).toBe('');
      const wrong = { ...one, promql_expr_test: [at('10m', undefined)] };
      expect(await testRules(generation, RULES, [wrong])).toContain('FAILED');
    });

    test('takes the rules that the documents advise', async () => {
      const files = readBlocks('yaml').filter(({ text }) => text.startsWith('groups:'));
      expect(files).toHaveLength(1);
      for (const { where, text } of files) expect(await checkRules(generation, text), where).toBe('');
    });

    test('every PromQL query of the documents is one', async () => {
      const queries = readBlocks('promql').map(({ text }) => text);
      expect(queries.length).toBeGreaterThan(40);
      expect(await checkRules(generation, toRecordings(queries))).toBe('');
      expect(await checkRules(generation, toRecordings([...queries, 'sum(rate(x[5m])']))).toContain(
        'parse error',
      );
    });

    test('the widely copied NXDOMAIN rule misfires in a healthy cluster, where ours is silent', async () => {
      const both = joinRules(RULES, PUBLIC_RULE);
      const healthy = { answered: 60, search: 240, never: 0 };
      const sick = { answered: 60, search: 180, never: 60 };
      expect(
        await testRules(generation, both, [toComparison('healthy', { traffic: healthy, ours: 0 })]),
      ).toBe('');
      expect(await testRules(generation, both, [toComparison('sick', { traffic: sick, ours: 1 })])).toBe('');
    });
  });
});

/** The same responses as CoreDNS counts them and as corespan does; the public rule fires in any case. */
function toComparison(
  name: string,
  { traffic, ours }: { readonly traffic: Parameters<typeof toDenials>[1]; readonly ours: 0 | 1 },
): RuleTest {
  const { answered, search, never } = traffic;
  const fires = (alert: string) => `count(ALERTS{alertname="${alert}", alertstate="firing"})`;
  return {
    name,
    interval: '1m',
    input_series: [
      { series: 'coredns_dns_responses_total{rcode="NOERROR"}', values: `0+${answered}x45` },
      { series: 'coredns_dns_responses_total{rcode="NXDOMAIN"}', values: `0+${search + never}x45` },
      ...Object.entries(toDenials(45, traffic)).map(([series, values]) => ({ series, values })),
    ],
    promql_expr_test: [
      {
        expr: fires('HighDNSNXDOMAINRate'),
        eval_time: '40m',
        exp_samples: [{ labels: '{}', value: 1 }],
      },
      {
        expr: fires('DNSNXDomainAbnormal'),
        eval_time: '40m',
        exp_samples: ours === 1 ? [{ labels: '{}', value: 1 }] : [],
      },
    ],
  };
}

/** The alert with what is recorded for it: the other groups would cost time and change nothing. */
function toGroupOf(alert: string): string {
  const { groups } = parse(RULES) as { readonly groups: readonly { readonly rules: readonly object[] }[] };
  const own = groups.filter(({ rules }) => rules.some((rule) => 'alert' in rule && rule.alert === alert));
  return JSON.stringify({ groups: own });
}

/** promtool checks no bare expressions; as rules it does. */
function toRecordings(queries: readonly string[]): string {
  const rules = queries.map((expr, at) => ({ record: `query:${at}`, expr }));
  return JSON.stringify({ groups: [{ name: 'queries', rules }] });
}

function joinRules(...files: readonly string[]): string {
  return JSON.stringify({
    groups: files.flatMap((file) => (parse(file) as { readonly groups: readonly unknown[] }).groups),
  });
}

const TEXT_TESTS: readonly RuleTest[] = [
  {
    name: 'texts',
    interval: '1m',
    input_series: ['shop', ''].flatMap((namespace) => {
      const own = `client_namespace="${namespace}", client_workload="${namespace === '' ? 'node:node1' : 'web'}"`;
      return [
        { series: `corespan_lookups_total{${own}, outcome="success"}`, values: '0+50x130' },
        { series: `corespan_lookups_bad_total{${own}, cause="slow"}`, values: '0+1x130' },
      ];
    }),
    alert_rule_test: [
      {
        alertname: 'DNSErrorBudgetBurnFast',
        eval_time: '2h',
        exp_alerts: [
          {
            exp_labels: { client_namespace: 'shop', client_workload: 'web', severity: 'critical' },
            exp_annotations: toTexts('shop/web', 'var-namespace=shop&var-workload=web'),
          },
          {
            exp_labels: { client_workload: 'node:node1', severity: 'critical' },
            exp_annotations: toTexts('node:node1', 'var-namespace=&var-workload=node%3Anode1'),
          },
        ],
      },
    ],
  },
];

function toTexts(who: string, choices: string): Record<string, string> {
  return {
    summary: `DNS lookups of ${who} fail or are slow`,
    description: `2% of the lookups of ${who} within 1h failed or took longer than 250 ms: 2 % of the budget of 30 days in one hour.`,
    runbook_url: 'docs/runbooks/DNSErrorBudgetBurnFast.md',
    dashboard_url: `/d/corespan-workload?${choices}`,
  };
}
