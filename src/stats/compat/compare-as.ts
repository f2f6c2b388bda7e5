import { DEEQU } from './deequ.ts';
import { EVIDENTLY } from './evidently.ts';
import type { CompatColumn, CompatFinding, CompatReport, Tool } from './finding.ts';
import { NANNYML } from './nannyml.ts';
import { SCIPY } from './scipy.ts';
import { TFDV } from './tfdv.ts';
import { WHYLOGS } from './whylogs.ts';

/** Tools whose own figures can be had, so that people who move over can check us and compare. */
const TOOLS = Object.freeze({
  evidently: EVIDENTLY,
  nannyml: NANNYML,
  tfdv: TFDV,
  deequ: DEEQU,
  whylogs: WHYLOGS,
  scipy: SCIPY,
} satisfies Record<string, Tool>);

export type CompatTool = keyof typeof TOOLS;

export const COMPAT_TOOLS = Object.keys(TOOLS) as readonly CompatTool[];

/**
 * What a tool says of a column by its defaults; it says where its number cannot be the tool's own. The columns of a
 * table need not all be held at once: findings are made one by one, and then concluded from.
 */
export const compareColumnAs = (tool: CompatTool, column: CompatColumn): CompatFinding =>
  TOOLS[tool].compareColumn(column);

/** What the tool says of a table whose columns it found this of. */
export function concludeAs(tool: CompatTool, columns: readonly CompatFinding[]): CompatReport {
  const { version, rule, drifts } = TOOLS[tool];
  return { tool, version, ...(drifts?.(columns) ?? { drift: null, reason: null }), rule, columns };
}
