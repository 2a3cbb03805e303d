/** What a panel is, apart from how Grafana writes it down: the boards are lists of these. */

/** A query to Prometheus. */
export interface PromTarget {
  readonly kind: 'prometheus';
  readonly refId: string;
  readonly expr: string;
  /** Legend of each series; its labels are always there. Tables have none. */
  readonly legend?: string;
  /** `now`: one value at the end of the range, as a table; `range`: values over time. */
  readonly at: 'now' | 'range';
  readonly hasExemplars?: boolean;
  readonly isHeatmap?: boolean;
}

/** A search for traces in Tempo. */
export interface TraceTarget {
  readonly kind: 'traceql';
  readonly refId: string;
  readonly query: string;
  readonly limit: number;
}

/** The graph that Tempo's data source draws from Prometheus. */
export interface ServiceMapTarget {
  readonly kind: 'serviceMap';
  readonly refId: string;
  readonly selector: string;
}

export type Target = PromTarget | TraceTarget | ServiceMapTarget;

/** A column of a table: how the value of one query is shown. */
export interface Column {
  /** refId of the query. */
  readonly of: string;
  readonly title: string;
  readonly unit: string;
  readonly redFrom?: number;
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

export interface Panel {
  readonly kind: 'stat' | 'timeseries' | 'table' | 'heatmap' | 'nodeGraph' | 'traces';
  readonly title: string;
  /** What somebody wants to know; the reference lists the panels by it. */
  readonly question: string;
  /** What to do when the answer is a bad one. */
  readonly advice: string;
  /** Why it may have nothing to show although all is well; shown instead of data. */
  readonly quiet?: string;
  readonly unit: string;
  readonly width: number;
  readonly height: number;
  readonly targets: readonly Target[];
  readonly isStacked?: boolean;
  /** A value from which on it is red. */
  readonly redFrom?: number;
  readonly columns?: readonly Column[];
  /** Title of the column whose largest values stand first. */
  readonly sortBy?: string;
  /** Links of a table's rows or of a graph's series. */
  readonly links?: readonly Link[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A choice at the top of the dashboard. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** As Grafana takes it: `label_values(metric, label)`. */
  readonly query: string;
  /** What `All` stands for; without it one value has to be chosen. */
  readonly all?: string;
}

export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly choices: readonly Choice[];
  /** Values to choose from that no query knows: name, label, values; the first is chosen. */
  readonly constants?: readonly {
    readonly name: string;
    readonly label: string;
    readonly values: readonly string[];
  }[];
  readonly rows: readonly Row[];
}

type PanelInput = Omit<Panel, 'kind' | 'targets' | 'width' | 'height'> & {
  readonly width?: number;
  readonly height?: number;
};

interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** Values over time. */
export function timeseries(
  input: PanelInput & { readonly queries: readonly Query[]; readonly hasExemplars?: boolean },
): Panel {
  const { queries, hasExemplars = false, ...panel } = input;
  return {
    width: 12,
    height: 8,
    ...panel,
    kind: 'timeseries',
    targets: queries.map((query, at) => ({
      kind: 'prometheus',
      refId: toRefId(at),
      at: 'range',
      ...query,
      ...(hasExemplars ? { hasExemplars } : {}),
    })),
  };
}

/** One number, and how it got there. */
export function stat(input: PanelInput & Query): Panel {
  const { expr, legend, ...panel } = input;
  const target: PromTarget = { kind: 'prometheus', refId: 'A', at: 'range', expr, legend };
  return { width: 6, height: 4, ...panel, kind: 'stat', targets: [target] };
}

/** Rows by label, one column for each query. */
export function table(
  input: PanelInput & {
    readonly queries: Readonly<Record<string, string>>;
    readonly columns: readonly Column[];
  },
): Panel {
  const { queries, ...panel } = input;
  return {
    width: 24,
    height: 9,
    ...panel,
    kind: 'table',
    targets: Object.entries(queries).map(([refId, expr]) => ({
      kind: 'prometheus',
      refId,
      expr,
      at: 'now',
    })),
  };
}

/** How many fell into which bucket, over time. */
export function heatmap(
  input: PanelInput & { readonly expr: string; readonly hasExemplars?: boolean },
): Panel {
  const { expr, hasExemplars = true, ...panel } = input;
  const target: PromTarget = {
    kind: 'prometheus',
    refId: 'A',
    at: 'range',
    expr,
    legend: '{{le}}',
    hasExemplars,
    isHeatmap: true,
  };
  return { width: 12, height: 9, ...panel, kind: 'heatmap', targets: [target] };
}

/** The newest traces that a TraceQL query finds. */
export function traces(input: Omit<PanelInput, 'unit'> & { readonly query: string }): Panel {
  const { query, ...panel } = input;
  const target: TraceTarget = { kind: 'traceql', refId: 'A', query, limit: 20 };
  return { width: 12, height: 9, unit: 'none', ...panel, kind: 'traces', targets: [target] };
}

function toRefId(at: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + at);
}
