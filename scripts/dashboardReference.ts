/** docs/reference/dashboards.md: which panel answers which question. */
import { BOARDS } from '../dashboards/dashboards.ts';
import { toDocument, toTable } from './references.ts';

const INTRODUCTION = [
  'Every panel answers one question; what to do when the answer is a bad one stands in its description. How to import',
  'the dashboards and what they need: [grafana.md](../grafana.md).',
];

export function toDashboardReference(): string {
  const boards = BOARDS.map(({ uid, title, description, rows }) => {
    const panels = rows.flatMap((row) =>
      row.panels.map(({ title, question, quiet }) => [row.title, title, question, quiet ?? '']),
    );
    const head = ['row', 'panel', 'question', 'when it is empty'];
    return `## ${title} (\`${uid}\`)\n\n${description}\n\n${toTable(head, panels)}`;
  });
  return toDocument('Dashboards', INTRODUCTION, boards.join('\n'));
}
