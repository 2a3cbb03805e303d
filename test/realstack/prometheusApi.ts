/** Prometheus's HTTP API, as far as Grafana uses it: what it knows, with numbers as numbers. */
import type { Backend, Parameters } from './monitoring.ts';
import { until } from './until.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export interface Series {
  readonly labels: Labels;
  /** Seconds since the epoch and value, in order. */
  readonly points: readonly (readonly [time: number, value: number])[];
}

export interface Exemplar {
  /** Of the series that it stands at. */
  readonly series: Labels;
  /** Its own: `trace_id`. */
  readonly labels: Labels;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly time: number;
}

export interface ScrapedTarget {
  readonly job: string;
  readonly url: string;
  readonly isUp: boolean;
  readonly error: string;
}

/** Seconds since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export interface PrometheusApi {
  /** An instant query, now unless a time (seconds since the epoch) is given. */
  query(promql: string, at?: number): Promise<readonly Sample[]>;
  queryRange(promql: string, range: TimeRange & { readonly step: number }): Promise<readonly Series[]>;
  exemplars(promql: string, range: TimeRange): Promise<readonly Exemplar[]>;
  targets(): Promise<readonly ScrapedTarget[]>;
  /** Names and values of labels, as the variables of a dashboard ask for them. */
  labelNames(selector: string): Promise<readonly string[]>;
  labelValues(label: string, selector: string): Promise<readonly string[]>;
  /**
   * Every target was scraped at least once more from now on, and well; what happened before is in. Resolves to a
   * moment (seconds since the epoch) at which the newest samples of all targets are of good scrapes: a scrape that
   * failed would end all series of its target.
   */
  untilScraped(): Promise<number>;
}

export function createPrometheusApi({ name, getJson }: Pick<Backend, 'name' | 'getJson'>): PrometheusApi {
  async function get<T>(path: string, parameters: Parameters): Promise<T> {
    const answer = (await getJson(path, parameters)) as { readonly data: T; readonly warnings?: string[] };
    // A warning is a wrong query: "metric might not be a counter", "a quantile outside of 0 to 1".
    if (answer.warnings !== undefined) {
      throw new Error(`${name} warns of ${JSON.stringify(parameters)}: ${answer.warnings.join('; ')}`);
    }
    return answer.data;
  }

  async function targets(): Promise<readonly TargetScrapes[]> {
    const { activeTargets } = await get<{ readonly activeTargets: readonly RawTarget[] }>('/api/v1/targets', {
      state: 'active',
    });
    return activeTargets.map(({ labels, scrapeUrl, health, lastError, lastScrape, scrapeInterval }) => ({
      job: labels['job'] ?? '',
      url: scrapeUrl,
      isUp: health === 'up',
      error: lastError,
      lastScrape: Date.parse(lastScrape),
      nextScrape: Date.parse(lastScrape) + toMilliseconds(scrapeInterval),
    }));
  }

  return {
    async query(promql, at) {
      const { result } = await get<{ readonly result: readonly RawSample[] }>('/api/v1/query', {
        query: promql,
        time: at,
      });
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },

    async queryRange(promql, { from, to, step }) {
      const parameters = { query: promql, start: from, end: to, step };
      const { result } = await get<{ readonly result: readonly RawSeries[] }>(
        '/api/v1/query_range',
        parameters,
      );
      return result.map(({ metric, values }) => ({
        labels: metric,
        points: values.map(([time, value]) => [time, Number(value)] as const),
      }));
    },

    async exemplars(promql, { from, to }) {
      const found = await get<readonly RawExemplars[]>('/api/v1/query_exemplars', {
        query: promql,
        start: from,
        end: to,
      });
      return found.flatMap(({ seriesLabels, exemplars }) =>
        exemplars.map(({ labels, value, timestamp }) => ({
          series: seriesLabels,
          labels,
          value: Number(value),
          time: timestamp,
        })),
      );
    },

    targets,

    labelNames: (selector) => get('/api/v1/labels', { 'match[]': selector }),
    labelValues: (label, selector) => get(`/api/v1/label/${label}/values`, { 'match[]': selector }),

    async untilScraped() {
      // A scrape that has begun before may show less than now.
      const now = Date.now();
      return await until(
        `a scrape of every target by ${name}`,
        async () => {
          const found = await targets();
          const missing = found.filter(({ isUp, lastScrape }) => !isUp || lastScrape <= now);
          const newest = Math.max(...found.map(({ lastScrape }) => lastScrape)) + SLACK;
          // Until then nobody has begun another one, which might fail.
          const isSound = found.every(({ nextScrape }) => newest < nextScrape - SLACK);
          if (found.length > 0 && missing.length === 0 && isSound) return newest / 1_000;
          throw new Error(
            missing.map(({ url, error }) => `${url}: ${error || 'not yet'}`).join('; ') || 'one is due',
          );
        },
        PATIENCE,
      );
    },
  };
}

/** Milliseconds by which a sample's time may be moved to the place where it should be. */
const SLACK = 20;
/** Scrapes are seconds apart. */
const PATIENCE = { within: 60_000, every: 250 };

interface RawSample {
  readonly metric: Labels;
  readonly value: readonly [number, string];
}

interface RawSeries {
  readonly metric: Labels;
  readonly values: readonly (readonly [number, string])[];
}

interface RawExemplars {
  readonly seriesLabels: Labels;
  readonly exemplars: readonly {
    readonly labels: Labels;
    readonly value: string;
    readonly timestamp: number;
  }[];
}

interface RawTarget {
  readonly labels: Labels;
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError: string;
  readonly lastScrape: string;
  /** `15s`, `1m`. */
  readonly scrapeInterval: string;
}

/** Milliseconds since the epoch. */
interface TargetScrapes extends ScrapedTarget {
  readonly lastScrape: number;
  readonly nextScrape: number;
}

function toMilliseconds(duration: string): number {
  const [, count = '', unit] = /^(\d+)(s|m)$/.exec(duration) ?? [];
  return Number(count) * (unit === 's' ? 1_000 : 60_000);
}
