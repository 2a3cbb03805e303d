/**
 * Where the nodes, edges and labels of a graph stand: dagre ranks them from left to right and keeps room for each.
 *
 *   ┌──────┐     label      ┌──────┐
 *   │ asks ├──╮  ╭─────╮  ╭─┤ node │   Columns of nodes and of labels take turns. An edge lies flat
 *   └──────┘  ╰──╯     ╰──╯ └──────┘   where it crosses a column and bends between columns only.
 */
import { Graph, layout } from '@dagrejs/dagre';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Ends {
  readonly source: string;
  readonly target: string;
}

/** All nodes are of one size and so are all labels: then columns are straight. */
export interface Sizes {
  readonly node: Size;
  readonly label: Size;
}

export type PlacedEdge<Edge> = Edge & {
  /** From the side of one node to the side of the other. */
  readonly way: readonly Point[];
  /** The middle of its label. */
  readonly label: Point;
};

export interface Layout<Edge> extends Size {
  /** The middle of each node. */
  readonly nodes: ReadonlyMap<string, Point>;
  readonly edges: readonly PlacedEdge<Edge>[];
}

/** Between two edges that meet at a node. */
const PORT = 7;

/** What dagre finds depends on the order it is given: of all rotations of the edges, the one with the least climbing. */
export function toLayout<Edge extends Ends>(edges: readonly Edge[], sizes: Sizes): Layout<Edge> {
  const sorted = edges.toSorted((a, b) => (toKey(a) < toKey(b) ? -1 : 1));
  const layouts = sorted.map((_, at) => layOut([...sorted.slice(at), ...sorted.slice(0, at)], sizes));
  const [best] = layouts.toSorted((a, b) => toClimb(a) - toClimb(b));
  return best ?? layOut([], sizes);
}

function layOut<Edge extends Ends>(edges: readonly Edge[], sizes: Sizes): Layout<Edge> {
  // The types of dagre are none to Node's resolution of modules: what it gives back is typed here.
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', ranker: 'tight-tree', ranksep: 48, nodesep: 10, edgesep: 8 });
  graph.setDefaultNodeLabel(() => ({ ...sizes.node, x: 0, y: 0 }));
  for (const { source, target } of edges) {
    graph.setEdge(source, target, { ...sizes.label, labelpos: 'c', x: 0, y: 0 });
  }
  layout(graph);
  const names: readonly string[] = graph.nodes();
  const nodes = new Map(names.map((name): [string, Point] => [name, graph.node(name)]));
  const crossed = edges.map((edge) => {
    const { x, y, points }: Point & { readonly points: readonly Point[] } = graph.edge(
      edge.source,
      edge.target,
    );
    return { edge, label: { x, y }, crossings: points.slice(1, -1) };
  });
  const { width, height }: Size = graph.graph();
  const toWay = createWays(crossed, { nodes, sizes });
  return {
    width,
    height,
    nodes,
    edges: crossed.map((own) => ({ ...own.edge, label: own.label, way: toWay(own) })),
  };
}

interface Crossed {
  readonly edge: Ends;
  /** Where the edge crosses each column between its two nodes. */
  readonly crossings: readonly Point[];
}

function createWays(
  all: readonly Crossed[],
  { nodes, sizes }: { readonly nodes: ReadonlyMap<string, Point>; readonly sizes: Sizes },
): (own: Crossed) => Point[] {
  const columns = new Set([...nodes.values()].map(({ x }) => x));
  const widthAt = (x: number): number => (columns.has(x) ? sizes.node : sizes.label).width;
  return (own) => {
    const from = toPort(own, all, { nodes, height: sizes.node.height, end: 'source' });
    const to = toPort(own, all, { nodes, height: sizes.node.height, end: 'target' });
    // In a circle of names one edge leads back.
    const direction = to.x < from.x ? -1 : 1;
    const flat = [from, ...own.crossings, to].flatMap(({ x, y }) => {
      const half = (direction * widthAt(x)) / 2;
      return [
        { x: x - half, y },
        { x: x + half, y },
      ];
    });
    // Without the far sides of the two nodes.
    return flat.slice(1, -1);
  };
}

/** Edges that meet at a node do so one below the other, in the order in which they come: they do not cross there. */
function toPort(
  own: Crossed,
  all: readonly Crossed[],
  place: {
    readonly nodes: ReadonlyMap<string, Point>;
    readonly height: number;
    readonly end: 'source' | 'target';
  },
): Point {
  const { nodes, height, end } = place;
  const heightOf = ({ crossings }: Crossed): number => crossings.at(end === 'source' ? 0 : -1)?.y ?? 0;
  const meeting = all.filter(({ edge }) => edge[end] === own.edge[end]);
  const rank = meeting.toSorted((a, b) => heightOf(a) - heightOf(b)).indexOf(own);
  const { x, y } = nodes.get(own.edge[end]) ?? { x: 0, y: 0 };
  return { x, y: y + (rank - (meeting.length - 1) / 2) * Math.min(PORT, (height - 8) / meeting.length) };
}

function toClimb({ edges }: Layout<unknown>): number {
  return edges
    .flatMap(({ way }) => way.map(({ y }, at) => Math.abs(y - (way[at - 1]?.y ?? y))))
    .reduce((sum, climb) => sum + climb, 0);
}

function toKey({ source, target }: Ends): string {
  return `${source} ${target}`;
}
