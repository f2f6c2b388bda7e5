import { describeMeasure } from '../../../domain/report/describe-measure.ts';

/** What a measure is called, and what it says, or why it says nothing here. */
export function MeasureName({
  finding,
  decided = false,
}: {
  finding: { readonly measure: string; readonly reason?: string | null | undefined };
  decided?: boolean;
}) {
  const { title, description } = describeMeasure(finding.measure);
  return (
    <td class="measure">
      <span class="strong">{title}</span> {decided && <span class="tag">decided</span>}
      <div class="small soft">{finding.reason ?? description}</div>
    </td>
  );
}
